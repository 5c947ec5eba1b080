import type { Kysely } from 'kysely';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { JobCounters } from './contract.ts';

/** Upper bounds in seconds, from a tiny import to a day of training. */
const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

export type Measured = 'wait' | 'run' | 'stage';
export type Counted = 'finished' | 'retries' | 'stalls' | 'rows';

/** Counts something, `by` of it; in the transaction of what it counts, so that nothing is counted twice. */
export function count(db: Kysely<Schema>, name: Counted, label: string, by = 1): Promise<void> {
  return add(db, name, label, by);
}

/**
 * One more duration of a histogram. Each bucket holds its own part alone; the scrape adds them up.
 * @param type of the job, or its stage; without spaces
 */
export async function measure(db: Kysely<Schema>, name: Measured, type: string, ms: number): Promise<void> {
  const seconds = Math.max(0, ms) / 1000;
  const bucket = BUCKETS.find((bound) => seconds <= bound) ?? '+Inf';
  await add(db, name, `${type} le ${bucket}`, 1);
  await add(db, name, `${type} sum`, seconds);
}

async function add(db: Kysely<Schema>, name: string, label: string, value: number): Promise<void> {
  await db
    .insertInto('job_counters')
    .values({ name, label, value })
    .onConflict((conflict) =>
      conflict
        .columns(['name', 'label'])
        .doUpdateSet((eb) => ({ value: eb('job_counters.value', '+', eb.ref('excluded.value')) })),
    )
    .execute();
}

export async function readCounters({ reads }: SqlEngine): Promise<JobCounters> {
  const rows = await reads.selectFrom('job_counters').selectAll().orderBy('name').orderBy('label').execute();
  const plain = (name: Counted) =>
    rows.filter((row) => row.name === name).map(({ label, value }) => ({ label, value: Number(value) }));
  return {
    finished: plain('finished'),
    retries: plain('retries'),
    stalls: plain('stalls'),
    rows: plain('rows'),
    wait: histograms(rows.filter((row) => row.name === 'wait')),
    run: histograms(rows.filter((row) => row.name === 'run')),
    stage: histograms(rows.filter((row) => row.name === 'stage')),
  };
}

function histograms(rows: readonly { label: string; value: number }[]): JobCounters['wait'] {
  const values = new Map(rows.map(({ label, value }) => [label, Number(value)]));
  const types = [...new Set(rows.map(({ label }) => label.split(' ')[0]!))];
  return types.map((type) => {
    let total = 0;
    const buckets = [...BUCKETS, '+Inf'].map((bound) => {
      total += values.get(`${type} le ${bound}`) ?? 0;
      return { le: String(bound), count: total };
    });
    return { type, buckets, sum: values.get(`${type} sum`) ?? 0, count: total };
  });
}
