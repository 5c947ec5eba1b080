import { type Static, Type } from 'typebox';

/** The place in a trace that others go on from, as W3C Trace Context writes it. */
export const TraceContext = Type.Object(
  {
    traceparent: Type.String({ examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] }),
    tracestate: Type.Optional(Type.String({ examples: ['vendor=value'] })),
  },
  {
    additionalProperties: false,
    description:
      'Where traces are on: the trace of the request, which goes on through the job and its webhooks. Its id are the 32 digits after the first hyphen of traceparent.',
  },
);
export type TraceContext = Static<typeof TraceContext>;
