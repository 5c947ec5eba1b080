import type { Selectable } from 'kysely';
import type { Notice } from '../../domain/notices/notice.ts';
import { isoTime } from '../engine/iso-time.ts';
import { newestFirst } from '../engine/newest-first.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { addNotice } from './add-notice.ts';
import type { NoticeStore } from './contract.ts';

export function createNotices({ reads, write, now }: SqlEngine): NoticeStore {
  return {
    add: (notice) => write((db) => addNotice(db, notice, now())),
    async list({ kind, model }, limit, cursor) {
      let query = reads.selectFrom('notices').selectAll();
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (model !== undefined) query = query.where('model', '=', model);
      const { rows, nextCursor } = await newestFirst(query, 'at', limit, cursor);
      return { rows: rows.map(toNotice), nextCursor };
    },
    forget: (before, limit) =>
      write(async (db) => {
        const old = db.selectFrom('notices').select('id').where('at', '<', before).orderBy('at').limit(limit);
        const { numDeletedRows } = await db.deleteFrom('notices').where('id', 'in', old).executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

function toNotice(row: Selectable<Schema['notices']>): Notice {
  return {
    id: row.id,
    at: isoTime(row.at),
    kind: row.kind as Notice['kind'],
    model: row.model,
    version: row.version,
    job: row.job_id,
    data: JSON.parse(row.data),
  };
}
