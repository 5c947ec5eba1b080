import {
  type Context,
  createTraceState,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Config } from '../core/config.ts';
import type { Logger } from '../core/logger.ts';
import { CODE_VERSION } from '../core/version.ts';
import type { Attributes, Span, TraceContext, Tracer } from './contract.ts';
import { createSampler, FREQUENT } from './sampling.ts';
import { sayOutages } from './say-outages.ts';
import { parseTraceparent } from './trace-context.ts';

export interface OtelOptions {
  /** Address of the receiver, with its path. */
  url: string;
  service: string;
  /** Attributes of the process, sent with each of its spans. */
  resource: Record<string, string>;
  sampler: Config['otelTracesSampler'];
  share: number;
  servingShare: number;
  delayMs: number;
  logger: Logger;
}

/** How long an end waits for the receiver. */
const LONGEST_FLUSH_MS = 2000;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** The tracer on OpenTelemetry's SDK. Nothing global is registered: spans know their parents by what they are given. */
export function createTracer(options: OtelOptions): Tracer {
  const { url, service, resource, sampler, share, servingShare, delayMs, logger } = options;
  const exporter = sayOutages(new OTLPTraceExporter({ url }), logger);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': CODE_VERSION,
      ...resource,
    }),
    sampler: createSampler(sampler, share, servingShare),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: delayMs })],
  });
  const tracer = provider.getTracer('stillhouse', CODE_VERSION);
  return {
    start(name, { parent, kind = 'internal', attributes = {}, from, isFrequent = false } = {}) {
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes: isFrequent ? { ...attributes, [FREQUENT]: true } : attributes,
          ...(from !== undefined && { startTime: new Date(from) }),
        },
        parent === undefined ? ROOT_CONTEXT : contextOf(parent),
      );
      return spanOf(span);
    },
    flush: () => within(provider.forceFlush()),
    close: () => within(provider.shutdown()),
  };
}

function contextOf({ traceparent, tracestate }: TraceContext): Context {
  const parent = parseTraceparent(traceparent);
  if (!parent) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  });
}

function spanOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  return {
    traceId,
    context: {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      ...(tracestate && { tracestate }),
    },
    isRecording: span.isRecording(),
    set: (attributes) => void span.setAttributes(attributes),
    event: (name, attributes: Attributes = {}) => void span.addEvent(name, attributes),
    end(failure) {
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    },
  };
}

/** Never rejects: a receiver that is away is said by `sayOutages`. */
function within(sent: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LONGEST_FLUSH_MS);
    sent
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}
