import { queryOf, withoutQuery } from '../../domain/data/import-address.ts';
import type { SqlEngine } from '../engine/schema.ts';

/** Jobs that one transaction changes. */
const ROWS = 100;

/**
 * Takes the queries of import addresses out of jobs of earlier releases, from what is told of them too.
 * @returns how many jobs had one
 */
export async function sealQueries(engine: SqlEngine, seal: (query: string) => string): Promise<number> {
  const found = await engine.reads
    .selectFrom('jobs')
    .select(['id', 'spec'])
    .where('type', '=', 'import')
    .where('spec', 'like', '%"url":"%?%')
    .execute();
  const open = found.flatMap(({ id, spec }) => {
    const parsed = JSON.parse(spec) as { url?: string };
    const query = queryOf(parsed.url ?? '');
    if (query === '') return [];
    const sealed = { ...parsed, url: withoutQuery(parsed.url!), sealedQuery: seal(query) };
    return [{ id, query, spec: JSON.stringify(sealed) }];
  });
  for (let at = 0; at < open.length; at += ROWS) {
    await engine.write(async (db) => {
      for (const { id, query, spec } of open.slice(at, at + ROWS)) {
        await db.updateTable('jobs').set({ spec }).where('id', '=', id).execute();
        await forget(db, id, query);
      }
    });
  }
  return open.length;
}

async function forget(db: SqlEngine['reads'], id: string, query: string): Promise<void> {
  // As JSON has it, where it stands within one.
  const inJson = JSON.stringify(query).slice(1, -1);
  await db
    .updateTable('jobs')
    .set(({ fn, ref, val }) => ({
      problem: fn<string | null>('replace', [ref('problem'), val(inJson), val('')]),
      result: fn<string | null>('replace', [ref('result'), val(inJson), val('')]),
      progress: fn<string | null>('replace', [ref('progress'), val(inJson), val('')]),
    }))
    .where('id', '=', id)
    .execute();
  await db
    .updateTable('job_events')
    .set(({ fn, ref, val }) => ({ data: fn<string>('replace', [ref('data'), val(inJson), val('')]) }))
    .where('job_id', '=', id)
    .execute();
  await db
    .updateTable('job_logs')
    .set(({ fn, ref, val }) => ({ message: fn<string>('replace', [ref('message'), val(query), val('')]) }))
    .where('job_id', '=', id)
    .execute();
}
