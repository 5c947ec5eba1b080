// TypeScript finds the module that is widened here only where some file imports it.
import type {} from 'fastify';
import type { ProblemCode } from '../../core/errors.ts';
import type { HeaderName } from './headers.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** Request bodies by name. */
    examples?: Examples;
    /** Failures of this route beside those of its kind. */
    problems?: Problems;
  }

  interface FastifyContextConfig {
    /** The body as documented, where rows are checked one by one and the validated schema is wider. */
    documentedBody?: Content;
  }
}

/** Requests or answers by a name that says what they show. */
export type Examples = Readonly<Record<string, unknown>>;

/** Failures that a route has beside those that every route of its kind has: the code, and a detail as an example. */
export type Problems = Partial<Record<ProblemCode, string>>;

/** One answer of a route, as it writes it down. */
export interface Answer {
  description: string;
  headers?: readonly HeaderName[];
  content?: Content;
}

export type Content = Record<string, Media>;

interface Media {
  schema: object;
  examples?: Examples;
}

export function json(
  description: string,
  schema: object,
  examples: Examples,
  headers: readonly HeaderName[] = [],
): Answer {
  return { description, headers, content: { 'application/json': { schema, examples } } };
}

export function noContent(description: string): Answer {
  return { description };
}
