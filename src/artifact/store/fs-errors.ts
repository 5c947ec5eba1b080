import { AppError, problem } from '../../core/errors.ts';
import { notFound } from './not-found.ts';

type Action = 'read' | 'written' | 'removed';

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
const TAKEN = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY']);

/** Runs file system calls and puts their errors into words that name the key and no path of this machine. */
export async function guarded<T>(action: Action, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw describe(action, key, error);
  }
}

function describe(action: Action, key: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code, errno } = error as NodeJS.ErrnoException;
  // Only what the system reported: a wrong argument has a code too, and is a mistake of ours.
  if (code === undefined || errno === undefined) return error;
  if (action === 'read' && ABSENT.has(code)) return notFound(key, error);
  if (action === 'written' && TAKEN.has(code)) {
    return problem(
      'conflict',
      `artifact ${key} cannot be written: a part of the key is taken (${code})`,
      {},
      error,
    );
  }
  const reason = REASONS[code] ?? 'the file system failed';
  return problem('store-unavailable', `artifact ${key} cannot be ${action}: ${reason} (${code})`, {}, error);
}
