import { type AppError, problem } from '../../core/errors.ts';

export function notFound(key: string, cause?: unknown): AppError {
  return problem('not-found', `there is no artifact ${key}`, {}, cause);
}
