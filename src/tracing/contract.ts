/** The place in a trace that others go on from, as the two headers of W3C Trace Context. */
export interface TraceContext {
  traceparent: string;
  tracestate?: string;
}

export type Attributes = Record<string, string | number | boolean | undefined>;

/** A piece of work of a trace. */
export interface Span {
  traceId: string;
  /** For whoever does a part of this work, here or in another process. */
  context: TraceContext;
  /** False where the trace is not sampled: nothing of it is kept. */
  isRecording: boolean;
  set(attributes: Attributes): void;
  event(name: string, attributes?: Attributes): void;
  /** @param failure why the work failed, in a sentence; none where it did not */
  end(failure?: string): void;
}

export interface SpanOptions {
  /** Without one the span begins a trace. */
  parent?: TraceContext | undefined;
  /** Default internal. */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes?: Attributes;
  /** Milliseconds since 1970; now by default. */
  from?: number;
  /** One of very many, such as a recommendation: where it begins a trace, TRACE_SERVING_SAMPLE of them are kept. */
  isFrequent?: boolean;
}

export interface Tracer {
  start(name: string, options?: SpanOptions): Span;
  /** Sends what has ended; resolves when it is sent or could not be, within two seconds. */
  flush(): Promise<void>;
  /** Sends the rest; nothing is traced afterwards. */
  close(): Promise<void>;
}
