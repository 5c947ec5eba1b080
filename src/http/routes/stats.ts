import { describeInteractions } from '../../dataset/describe.ts';
import { Stats } from '../../domain/data/stats.ts';
import { recommendsListedOnly } from '../../domain/data/unlisted.ts';
import { dislikedSince } from '../../domain/data/weighting.ts';
import { createInstalledEvents } from '../../serving/views/installed-events.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';

/** An answer is kept for this many milliseconds: a pass over all rows is not free. */
const KEEP_MS = 60_000;

const EXAMPLE: Stats = {
  computedAt: '2026-03-01T12:00:00.000Z',
  interactions: {
    total: 100000,
    byType: { rating: 100000 },
    unknown: [],
    dislikedSince: [],
    withoutTimestamp: 0,
    first: '1997-09-20T03:05:10.000Z',
    last: '1998-04-22T23:10:38.000Z',
    growth: { unit: 'day', bins: [{ from: '1997-09-20T00:00:00.000Z', count: 423 }] },
  },
  users: 943,
  items: 1682,
  density: 0.063,
  historyLength: {
    count: 943,
    mean: 106,
    median: 65,
    p90: 244,
    p99: 440,
    max: 737,
    histogram: [{ from: 16, to: 31, count: 235 }],
  },
  itemPopularity: {
    count: 1682,
    mean: 59.5,
    median: 27,
    p90: 169,
    p99: 379,
    max: 583,
    histogram: [{ from: 1, to: 1, count: 141 }],
  },
  topItemsShare: { '1%': 0.075, '10%': 0.43, '20%': 0.65 },
  catalogue: { items: 1682, users: 943, unlisted: { count: 0, recommended: false } },
  cold: {
    usersBelow5: { count: 0, share: 0 },
    itemsBelow5: { count: 333, share: 0.198 },
    itemsWithoutInteractions: { count: 0, share: 0 },
  },
};

type Kept = Omit<Stats, 'interactions'> & {
  interactions: Omit<Stats['interactions'], 'unknown' | 'dislikedSince'>;
};

export function statsRoutes({
  store,
  now,
  unlisted: setting = 'auto',
  models,
  installedEvents = createInstalledEvents(store.eventTypes),
}: Pick<AppDeps, 'store' | 'now' | 'unlisted' | 'models' | 'installedEvents'>) {
  let latest: { at: number; stats: Promise<Kept> } | undefined;

  async function compute(at: number): Promise<Kept> {
    const [found, catalogue] = [
      await store.interactions.snapshot(describeInteractions),
      await store.catalogue.counts(),
    ];
    const coverage = await store.catalogue.coverage();
    const unlisted = { count: coverage.unlisted, recommended: !recommendsListedOnly(setting, coverage) };
    const { items, itemsWithoutInteractions: count, users } = catalogue;
    return {
      computedAt: new Date(at).toISOString(),
      ...found,
      catalogue: { items, users, unlisted },
      cold: { ...found.cold, itemsWithoutInteractions: { count, share: items === 0 ? 0 : count / items } },
    };
  }

  /** One pass at a time, whoever asks; one that failed is not kept. */
  function current(): Promise<Kept> {
    const at = now();
    if (latest && at - latest.at < KEEP_MS) return latest.stats;
    const mine = { at, stats: compute(at) };
    latest = mine;
    mine.stats.catch(() => {
      if (latest === mine) latest = undefined;
    });
    return mine.stats;
  }

  return async (app: App): Promise<void> => {
    app.get('/stats', {
      config: { scope: 'read' },
      schema: {
        operationId: 'getStats',
        tags: ['data'],
        summary: 'What the data looks like',
        description:
          'Counts, density, time range, growth, histograms of history length and item popularity, and how much is cold. One pass over all interactions, kept for a minute.',
        response: { 200: json('The data as it is.', Stats, { 'MovieLens-100K': EXAMPLE }) },
        problems: {},
      },
      handler: async (): Promise<Stats> => {
        const { interactions, ...stats } = await current();
        const installed = await installedEvents.get();
        const unknown = Object.keys(interactions.byType).filter((type) => installed(type) === null);
        const since = models
          .trained()
          .flatMap(({ model, version, weighting }) =>
            dislikedSince(weighting, installed).map((type) => ({ type, model, version })),
          );
        return { ...stats, interactions: { ...interactions, unknown, dislikedSince: since } };
      },
    });
  };
}
