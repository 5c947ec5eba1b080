import { type Static, Type } from 'typebox';
import { PROBLEM_CODES } from '../../core/errors.ts';

export const ProblemCode = Type.Enum([...PROBLEM_CODES], {
  description: 'What went wrong, for programs: a code keeps its meaning.',
  examples: ['invalid-request'],
});

/** RFC 9457 problem document. */
export const Problem = Type.Object(
  {
    type: Type.String({ examples: ['about:blank'] }),
    title: Type.String({ examples: ['The request does not fit the schema'] }),
    status: Type.Integer({ examples: [400] }),
    code: ProblemCode,
    detail: Type.String({
      description: 'For people: names the field and what would be right.',
      examples: ['k must be a whole number from 1 to 1000'],
    }),
    requestId: Type.Optional(Type.String()),
  },
  { additionalProperties: true, description: 'What went wrong, as application/problem+json (RFC 9457).' },
);
export type Problem = Static<typeof Problem>;

/** The problem of one among many. */
export const ShortProblem = Type.Object(
  { code: ProblemCode, detail: Type.String() },
  { description: 'Why there is no answer.' },
);

/** A problem as it is kept with a failed job. */
export interface StoredProblem {
  code: string;
  title: string;
  detail: string;
  [extra: string]: unknown;
}
