import { type Kysely, sql } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { NewNotice } from '../../domain/notices/notice.ts';
import { layOut } from '../../domain/traffic/assign.ts';
import type { ObservedUsers } from '../../domain/traffic/observed.ts';
import { addShadowCounts, noShadowCounts, type ShadowCounts } from '../../domain/traffic/shadow.ts';
import { CONTROL, type Ending, type Traffic } from '../../domain/traffic/traffic.ts';
import { auditOwnMove } from '../audit/own-moves.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { addNotice } from '../notices/add-notice.ts';
import { aliasMoved } from './alias-notices.ts';
import { findAlias, moveAlias, noteMove } from './aliases.ts';
import { versionsIn, withAliases } from './rows.ts';
import type { StoredTraffic, TrafficStore, TrafficToSet } from './traffic-contract.ts';

type Db = Kysely<Schema>;

// Long because it is a list of operations on one table.
export function createTraffic({ reads, write, now }: SqlEngine): TrafficStore {
  return {
    get: (model) => findTraffic(reads, model),

    async running() {
      const rows = await trafficIn(reads).where('traffic.state', '=', 'running').execute();
      return Promise.all(
        rows.map(async (row) => {
          const traffic = stored(row);
          return { ...traffic, registered: await versionsOf(reads, traffic) };
        }),
      );
    },

    put: (model, traffic, expected, keyId) =>
      write(async (db) => {
        const before = await findTraffic(db, model);
        if (expected !== undefined && (before?.updatedAt ?? null) !== expected) return null;
        await refuseMissing(db, model, traffic);
        const last = await rowOf(db, model);
        const at = Math.max(now(), (last?.updated_at ?? 0) + 1);
        const row = {
          model,
          traffic: JSON.stringify(made(model, traffic, before)),
          state: 'running',
          began_at: at,
          updated_at: at,
          key_id: keyId ?? null,
        };
        await db
          .insertInto('traffic')
          .values(row)
          .onConflict((conflict) => conflict.column('model').doUpdateSet(row))
          .execute();
        await db.deleteFrom('shadow_counts').where('model', '=', model).execute();
        return (await findTraffic(db, model))!;
      }),

    remove: (model, expected) =>
      write(async (db) => {
        const before = await findTraffic(db, model);
        if (!before || (expected !== undefined && before.updatedAt !== expected)) return false;
        await db
          .updateTable('traffic')
          .set({ state: 'removed', updated_at: Math.max(now(), before.updatedAt + 1) })
          .where('model', '=', model)
          .execute();
        await db.deleteFrom('traffic_users').where('model', '=', model).execute();
        return true;
      }),

    observed: ({ model, epoch }, at) => observed(reads, model, epoch, at),
    end: (seen, ending) => write((db) => end(db, seen, ending, now())),

    addShadow: (model, version, liveVersion, counts) =>
      write(async (db) => {
        const key = { model, version, live_version: liveVersion };
        const before = await db
          .selectFrom('shadow_counts')
          .select('counts')
          .where('model', '=', model)
          .where('version', '=', version)
          .where('live_version', '=', liveVersion)
          .executeTakeFirst();
        const sum = addShadowCounts(before ? JSON.parse(before.counts) : noShadowCounts(), counts);
        const row = { ...key, counts: JSON.stringify(sum) };
        await db
          .insertInto('shadow_counts')
          .values(row)
          .onConflict((conflict) => conflict.columns(['model', 'version', 'live_version']).doUpdateSet(row))
          .execute();
      }),

    async shadows(model) {
      const rows = await reads
        .selectFrom('shadow_counts')
        .selectAll()
        .where('model', '=', model)
        .orderBy('version', 'desc')
        .orderBy('live_version', 'desc')
        .execute();
      return rows.map((row) => ({
        version: row.version,
        liveVersion: row.live_version,
        counts: JSON.parse(row.counts) as ShadowCounts,
      }));
    },
  };
}

/** Traffic that runs, with what needs it: names of variants by version, for those who would delete one. */
export async function runningTraffic(db: Db, model: string): Promise<StoredTraffic | null> {
  const found = await findTraffic(db, model);
  return found?.state === 'running' ? found : null;
}

/** Removes all that is kept of the traffic of a model. */
export async function forgetTraffic(db: Db, model: string): Promise<void> {
  for (const table of ['traffic', 'traffic_users', 'shadow_counts'] as const) {
    await db.deleteFrom(table).where('model', '=', model).execute();
  }
}

const rowOf = (db: Db, model: string) =>
  db.selectFrom('traffic').select('updated_at').where('model', '=', model).executeTakeFirst();

function trafficIn(db: Db) {
  return db
    .selectFrom('traffic')
    .leftJoin('aliases', (join) =>
      join.onRef('aliases.model', '=', 'traffic.model').on('aliases.alias', '=', CONTROL),
    )
    .select(['traffic.traffic', 'traffic.state', 'traffic.began_at', 'traffic.updated_at'])
    .select('aliases.updated_at as stable_since')
    .orderBy('traffic.model');
}

async function findTraffic(db: Db, model: string): Promise<StoredTraffic | null> {
  const row = await trafficIn(db)
    .where('traffic.model', '=', model)
    .where('traffic.state', '!=', 'removed')
    .executeTakeFirst();
  return row ? stored(row) : null;
}

interface Row {
  traffic: string;
  began_at: number;
  updated_at: number;
  stable_since: number | null;
}

function stored(row: Row): StoredTraffic {
  const traffic = JSON.parse(row.traffic) as Traffic;
  const [beganAt, stableSince] = [Number(row.began_at), Number(row.stable_since ?? 0)];
  const updatedAt = Number(row.updated_at);
  // Where it has ended it was written down: stable may have moved since.
  return {
    ...traffic,
    updatedAt,
    epoch: traffic.state === 'running' ? Math.max(beganAt, stableSince) : beganAt,
  };
}

function made(model: string, traffic: TrafficToSet, before: StoredTraffic | null): Traffic {
  const { shares, variants, test, shadow, reason } = traffic;
  const experiment = traffic.experiment ?? before?.experiment ?? 'default';
  const isSame = before !== null && before.experiment === experiment;
  return {
    model,
    experiment,
    shares: { ...shares },
    slots: layOut(shares, isSame ? before.slots : []),
    variants,
    test,
    shadow,
    state: 'running',
    ...(reason !== undefined && { reason }),
    endings: [],
  };
}

async function refuseMissing(db: Db, model: string, { variants, shadow }: TrafficToSet): Promise<void> {
  if (!(await findAlias(db, model, CONTROL))) {
    throw problem('not-found', `The model ${JSON.stringify(model)} has no alias ${JSON.stringify(CONTROL)}.`);
  }
  for (const { version } of [...variants, ...(shadow ? [shadow] : [])]) {
    const found = await versionsIn(db)
      .where('model', '=', model)
      .where('version', '=', version)
      .executeTakeFirst();
    if (!found) throw problem('not-found', `The model ${JSON.stringify(model)} has no version ${version}.`);
  }
}

async function versionsOf(db: Db, { model, variants, shadow }: Traffic) {
  const numbers = [...variants.map(({ version }) => version), ...(shadow ? [shadow.version] : [])];
  if (numbers.length === 0) return [];
  return withAliases(
    db,
    await versionsIn(db).where('model', '=', model).where('version', 'in', numbers).execute(),
  );
}

async function observed(db: Db, model: string, epoch: number, at: number): Promise<ObservedUsers> {
  // Whole numbers would be divided as such.
  const share = sql<number>`CAST(clicked AS DOUBLE PRECISION) / served`;
  const bought = sql<number>`CASE WHEN conversions > 0 THEN 1 ELSE 0 END`;
  const rows = await db
    .selectFrom('traffic_users')
    .where('model', '=', model)
    .where('epoch', '=', epoch)
    .where('until', '<=', at)
    .groupBy('variant')
    .select([
      'variant',
      sql<number>`count(*)`.as('users'),
      sql<number>`sum(served)`.as('served'),
      sql<number>`sum(${share})`.as('clicks'),
      sql<number>`sum((${share}) * (${share}))`.as('clicks2'),
      sql<number>`sum(${bought})`.as('bought'),
      sql<number>`sum(revenue)`.as('revenue'),
      sql<number>`sum(revenue * revenue)`.as('revenue2'),
    ])
    .execute();
  return Object.fromEntries(
    rows.map((row) => {
      const moments = (sum: unknown, squares: unknown) => ({
        users: Number(row.users),
        sum: Number(sum),
        squares: Number(squares),
      });
      const counts = {
        'click-through': moments(row.clicks, row.clicks2),
        conversions: moments(row.bought, row.bought),
        revenue: moments(row.revenue, row.revenue2),
        served: Number(row.served),
      };
      return [row.variant, counts];
    }),
  );
}

async function end(
  db: Db,
  seen: Parameters<TrafficStore['end']>[0],
  { kind, variant, version, promoted, text }: Omit<Ending, 'at'>,
  at: number,
): Promise<boolean> {
  const { model } = seen;
  const current = await runningTraffic(db, model);
  if (!current || current.updatedAt !== seen.updatedAt || current.epoch !== seen.epoch) return false;
  const { updatedAt, epoch: _, ...traffic } = current;
  const ending: Ending = { at: new Date(at).toISOString(), kind, variant, version, promoted, text };
  const stopped = { ...traffic, endings: [...traffic.endings, ending] };
  const others = traffic.variants.filter(({ name }) => name !== variant);
  const goesOn = kind === 'worse' && others.length > 0;
  const after: Traffic = goesOn ? without(stopped, variant!) : { ...stopped, state: 'ended' };
  await db
    .updateTable('traffic')
    .set({
      traffic: JSON.stringify(after),
      state: after.state,
      ...(after.state === 'ended' && { began_at: seen.epoch }),
      updated_at: Math.max(at, updatedAt + 1),
    })
    .where('model', '=', model)
    .execute();
  await addNotice(db, trafficEnded(after, ending), at);
  const alias = { model, alias: CONTROL, now: at, reason: text };
  const stable = await findAlias(db, model, CONTROL);
  if (promoted && version !== null) {
    const move = { ...alias, version, action: 'promoted' as const };
    await moveAlias(db, move);
    await auditOwnMove(db, {
      ...{ model, version, at },
      alias: CONTROL,
      action: 'experiment: alias promoted',
    });
    await addNotice(db, aliasMoved({ ...move, from: stable, by: { reason: text } }), at);
  } else {
    await noteMove(db, { ...alias, version: stable?.version ?? null, action: 'kept' });
  }
  return true;
}

function trafficEnded(
  { model, experiment, state, test }: Traffic,
  { kind, variant, version, promoted, text }: Ending,
): NewNotice {
  return {
    kind: 'traffic.ended',
    model,
    ...(version !== null && { version }),
    data: { experiment, state, outcome: kind, variant, promoted, text, metric: test?.metric ?? null },
  };
}

/** Its users go back to stable, and nobody else is moved. */
function without(traffic: Traffic, variant: string): Traffic {
  const { [variant]: freed = 0, ...shares } = traffic.shares;
  return {
    ...traffic,
    shares: { ...shares, [CONTROL]: shares[CONTROL]! + freed },
    slots: traffic.slots.map((name) => (name === variant ? CONTROL : name)),
    variants: traffic.variants.filter(({ name }) => name !== variant),
  };
}
