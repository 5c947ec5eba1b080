import { AppError, messageOf, type ProblemCode, problem } from './errors.ts';

/** An error on its way between threads. */
export interface Failure {
  /** Null: none of ours. */
  code: ProblemCode | null;
  detail: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return { code: error.code, detail: error.detail };
  return { code: null, detail: messageOf(error) };
}

export function toError({ code, detail }: Failure): Error {
  return code === null ? new Error(detail) : problem(code, detail);
}
