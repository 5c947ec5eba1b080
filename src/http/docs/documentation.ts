import type { ProblemCode } from '../../core/errors.ts';
import { problem } from '../../core/errors.ts';

/** A reference to one of the named schemas in components.ts. */
export function named(name: string): { $ref: string } {
  return { $ref: `${name}#` };
}

/** One response as JSON. */
export function json(description: string, schema: object, example?: unknown) {
  const media = example === undefined ? { schema } : { schema, example };
  return { description, content: { 'application/json': media } };
}

/**
 * The problem documents an operation can answer with. 500 comes with every one.
 * @param cases code -> detail as an example
 */
export function problems(cases: Partial<Record<ProblemCode, string>>): ProblemResponses {
  const responses: ProblemResponses = {};
  for (const [code, detail] of Object.entries({
    ...cases,
    internal: 'Something went wrong here; it is logged.',
  })) {
    const { status, title } = problem(code as ProblemCode, detail);
    const known = responses[status];
    const media = known?.content['application/problem+json'] ?? { schema: named('Problem'), examples: {} };
    media.examples[code] = {
      summary: title,
      value: { type: 'about:blank', title, status, code, detail, requestId: 'c0ffee' },
    };
    const description = known ? `${known.description}, or: ${title}` : title;
    responses[status] = { description, content: { 'application/problem+json': media } };
  }
  return responses;
}

export type ProblemResponses = Record<number, { description: string; content: Record<string, ProblemMedia> }>;

interface ProblemMedia {
  schema: { $ref: string };
  examples: Record<string, { summary: string; value: object }>;
}
