import { AppError } from '../core/errors.ts';

/** True where a training failed and the job can go on with another model: it did not fit the memory, or it diverged. */
export function isTrainingFailure(error: unknown): error is AppError {
  return error instanceof AppError && ['out-of-memory', 'training-diverged'].includes(error.code);
}
