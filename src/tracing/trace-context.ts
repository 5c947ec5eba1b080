import type { TraceContext } from './contract.ts';

/** `version-traceid-parentid-flags`; a later version may append fields. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Longer ones are dropped, as the recommendation allows; a header must not fill the records of jobs. */
const LONGEST_TRACESTATE = 512;

export interface TraceParent {
  traceId: string;
  spanId: string;
  isSampled: boolean;
}

/**
 * Reads a traceparent of W3C Trace Context (section 3.2).
 * @returns undefined for what is none; the trace begins anew then, as section 4.3 wants it
 */
export function parseTraceparent(text: string): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', rest] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || version === 'ff') return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The place in a trace that the headers of a request name; undefined where they name none. */
export function traceContextOf(
  headers: Record<string, string | string[] | undefined>,
): TraceContext | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || !parseTraceparent(traceparent)) return undefined;
  const state = Array.isArray(tracestate) ? tracestate.join(',') : tracestate;
  const isUsable = state !== undefined && state !== '' && state.length <= LONGEST_TRACESTATE;
  return { traceparent, ...(isUsable && { tracestate: state }) };
}
