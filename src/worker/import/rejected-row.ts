import { idProblem } from '../../domain/base/id.ts';
import type { FileRow } from '../../ingest/read-rows.ts';

const MAX_TEXT = 1_000;

/** Whose row it is, where its user can be read; what is no id is nobody's. */
export function userOf(row: FileRow): string | null {
  const { userId } = ('raw' in row ? (row.raw ?? {}) : {}) as { userId?: unknown };
  const id = typeof userId === 'number' ? String(userId) : userId;
  return typeof id === 'string' && idProblem('userId', id) === null ? id : null;
}

/** Without NUL, which Postgres does not take. */
export function textOf({ text }: FileRow, delimiter = ','): string {
  const whole = typeof text === 'string' ? text : text.join(delimiter);
  return whole.slice(0, MAX_TEXT).replaceAll('\u0000', '\ufffd').toWellFormed();
}
