import { describe, expect, it } from 'vitest';
import { parseTraceparent, traceContextOf } from '../../src/tracing/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it('says trace, parent and whether its caller keeps it', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
    });
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-02`)?.isSampled).toBe(false);
  });

  it('of a later version may have more fields', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-more`)?.traceId).toBe(TRACE);
  });

  it.each([
    '',
    'hello',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-0g`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('that is none, %j, begins nothing', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
    expect(traceContextOf({ traceparent: text })).toBeUndefined();
  });
});

it('a tracestate goes with its traceparent; one that is too long, or alone, does not', () => {
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  expect(traceContextOf({ traceparent, tracestate: 'a=1' })).toEqual({ traceparent, tracestate: 'a=1' });
  expect(traceContextOf({ traceparent, tracestate: ['a=1', 'b=2'] })?.tracestate).toBe('a=1,b=2');
  expect(traceContextOf({ traceparent, tracestate: `a=${'x'.repeat(600)}` })).toEqual({ traceparent });
  expect(traceContextOf({ tracestate: 'a=1' })).toBeUndefined();
});
