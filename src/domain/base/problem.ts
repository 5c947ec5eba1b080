import { type Static, Type } from 'typebox';

/** RFC 9457 problem document. */
export const Problem = Type.Object(
  {
    type: Type.String({ examples: ['about:blank'] }),
    title: Type.String({ examples: ['The request does not fit the schema'] }),
    status: Type.Integer({ examples: [400] }),
    code: Type.String({ description: 'Stable, for programs.', examples: ['invalid-request'] }),
    detail: Type.String({
      description: 'For people: names the field and what would be right.',
      examples: ['k must be a whole number from 1 to 1000'],
    }),
    requestId: Type.Optional(Type.String()),
  },
  { additionalProperties: true, description: 'What went wrong, as application/problem+json (RFC 9457).' },
);
export type Problem = Static<typeof Problem>;

/** A problem as it is kept with a failed job. */
export interface StoredProblem {
  code: string;
  title: string;
  detail: string;
  [extra: string]: unknown;
}
