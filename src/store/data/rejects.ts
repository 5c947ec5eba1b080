import { decodeCursor, encodeCursor } from '../engine/cursor.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { RejectStore } from './contract.ts';

const ROWS_PER_STATEMENT = 1_000;

export function createRejects({ reads, write }: SqlEngine): RejectStore {
  return {
    async add(jobId, rejects) {
      if (rejects.length === 0) return;
      await write(async (db) => {
        for (let at = 0; at < rejects.length; at += ROWS_PER_STATEMENT) {
          const part = rejects.slice(at, at + ROWS_PER_STATEMENT);
          await db
            .insertInto('import_rejects')
            .values(part.map(({ userId = null, ...row }) => ({ job_id: jobId, ...row, user_id: userId })))
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        }
      });
    },
    async list(jobId, limit, cursor) {
      const after = cursor === undefined ? 0 : (decodeCursor(cursor, ['number'])[0] as number);
      const found = await reads
        .selectFrom('import_rejects')
        .select(['line', 'reason', 'text'])
        .where('job_id', '=', jobId)
        .where('line', '>', after)
        .orderBy('line')
        .limit(limit + 1)
        .execute();
      const rows = found.slice(0, limit);
      const last = found.length > limit ? rows.at(-1) : undefined;
      return { rows, nextCursor: last ? encodeCursor([last.line]) : null };
    },
  };
}
