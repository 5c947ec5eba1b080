import { type AppError, problem } from '../../core/errors.ts';
import { idProblem } from '../../domain/base/id.ts';
import type { ImportResult } from '../../domain/jobs/job.ts';
import type { FileRow } from '../../ingest/read-rows.ts';
import type { Store } from '../../store/store.ts';

const MAX_TEXT = 1_000;
/** Bad lines that the result of an import shows. */
export const MAX_LISTED_REJECTS = 100;

interface RejectsOf {
  store: Pick<Store, 'rejects'>;
  jobId: string;
}

/** Without NUL, which Postgres does not take. */
export function textOf({ text }: FileRow, delimiter = ','): string {
  const whole = typeof text === 'string' ? text : text.join(delimiter);
  return whole.slice(0, MAX_TEXT).replaceAll('\u0000', '\ufffd').toWellFormed();
}

export function allRejected(result: ImportResult): AppError {
  const first = result.rejects.slice(0, 3).map(({ line, reason }) => `line ${line}: ${reason}`);
  return problem('invalid-rows', `None of the ${result.rows} rows could be stored. ${first.join('; ')}`, {
    ...result,
  });
}

/** Reads whose row it is; null where its user cannot be read, or is no id. */
export function userOf(row: FileRow): string | null {
  const { userId } = ('raw' in row ? (row.raw ?? {}) : {}) as { userId?: unknown };
  const id = typeof userId === 'number' ? String(userId) : userId;
  return typeof id === 'string' && idProblem('userId', id) === null ? id : null;
}

/** Reads the first bad lines of an import, those of earlier runs too. */
export async function firstRejects({ store, jobId }: RejectsOf): Promise<ImportResult['rejects']> {
  const { rows } = await store.rejects.list(jobId, MAX_LISTED_REJECTS);
  return rows.map(({ line, reason }) => ({ line, reason }));
}
