import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { meanOf } from '../../../domain/traffic/moments.ts';
import { judgeTraffic, type ObservedUsers } from '../../../domain/traffic/observed.ts';
import { Online } from '../../../domain/traffic/online.ts';
import { LEVEL, rateOf } from '../../../domain/traffic/rates.ts';
import { latencyOf, type ShadowCounts } from '../../../domain/traffic/shadow.ts';
import { CONTROL } from '../../../domain/traffic/traffic.ts';
import type { OnlineDay, OnlineVersion } from '../../../store/registry/contract.ts';
import type { StoredTraffic } from '../../../store/registry/traffic-contract.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { ONLINE } from '../../docs/online-example.ts';
import { ModelParams } from '../../path-id.ts';

const DAY_MS = 86_400_000;

const online = {
  operationId: 'getOnline',
  tags: ['models'],
  summary: 'Compare versions by what users do',
  description:
    'Click-through, conversions and revenue by version and variant, of a sample of the recommendations served (SERVED_SAMPLE, the newest 100,000), and of the interactions that were sent with their recommendationId. With traffic that has a test: the comparison so far. With a shadow: how far its lists agree with those that were shown, and how long it takes.',
  params: ModelParams,
  querystring: Type.Object(
    {
      days: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 365,
          default: 30,
          description: 'How many days back; the comparison of an experiment has a time of its own.',
          examples: [7],
        }),
      ),
      byDay: Type.Optional(
        Type.Boolean({ default: false, description: 'Each day by itself too.', examples: [true] }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: json('Counts and rates by version and variant.', Online, { 'an experiment that runs': ONLINE }),
  },
  problems: {
    'invalid-request': 'days must be a whole number from 1 to 365; got 0.',
    'not-found': 'There is no model "films".',
  },
};

export function onlineRoutes({ store, now, servedSample }: Pick<AppDeps, 'store' | 'now' | 'servedSample'>) {
  return async (app: App): Promise<void> => {
    app.get('/models/:name/online', {
      config: { scope: 'read' },
      schema: online,
      handler: async (request) => {
        const { name } = request.params;
        const { days = 30, byDay = false } = request.query;
        if ((await store.models.versions(name)).length === 0) {
          throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
        }
        const time = now();
        const since = time - days * DAY_MS;
        const versions = await store.served.online(name, since);
        const traffic = await store.traffic.get(name);
        const stable = await store.models.alias(name, CONTROL);
        const users = traffic?.test ? await store.traffic.observed(traffic, time) : {};
        const shadows = await store.traffic.shadows(name);
        return {
          model: name,
          sample: `a sample of recommendations served in the last ${days} days`,
          sampleRate: servedSample ?? null,
          versions: versions.map(viewVersion),
          ...(byDay && { byDay: (await store.served.onlineByDay(name, since)).map(viewDay) }),
          traffic: traffic?.state ?? null,
          experiment: traffic && viewExperiment(traffic, users, stable?.version ?? null, time),
          shadows: shadows.map(viewShadow),
        };
      },
    });
  };
}

function viewDay({ day, versions }: OnlineDay) {
  return { day, versions: versions.map(viewVersion) };
}

function viewVersion({ clusters, ...count }: OnlineVersion): Online['versions'][number] {
  const [clicks, conversions, revenue] = (['clicked', 'conversions', 'revenue'] as const).map((what) => {
    const { value, low, high } = rateOf(clusters, what);
    return { value, interval: low === null || high === null ? null : { low, high, level: LEVEL } };
  });
  return {
    ...count,
    users: clusters.length,
    clickThroughRate: clicks!.value,
    clickThroughInterval: clicks!.interval,
    conversionsPerServed: conversions!.value,
    conversionsInterval: conversions!.interval,
    revenuePerServed: revenue!.value,
    revenueInterval: revenue!.interval,
    itemClickThroughRate: count.itemsShown > 0 ? count.itemsClicked / count.itemsShown : null,
  };
}

function viewExperiment(
  traffic: StoredTraffic,
  users: ObservedUsers,
  stable: number | null,
  now: number,
): Online['experiment'] {
  const { experiment, state, test, variants, endings, epoch } = traffic;
  const judgement = judgeTraffic(traffic, users, now);
  if (!test || !judgement) return null;
  const all = [{ name: CONTROL, version: state === 'running' ? stable : null }, ...variants];
  return {
    ...{ experiment, state, test, endings },
    since: new Date(epoch).toISOString(),
    variants: all.map((variant) => {
      const counted = users[variant.name];
      const moments = counted?.[test.metric];
      return {
        ...variant,
        users: moments?.users ?? 0,
        served: counted?.served ?? 0,
        mean: moments ? meanOf(moments) : null,
      };
    }),
    comparisons: Object.entries(judgement.comparisons).map(([variant, found]) => ({ variant, ...found })),
  };
}

interface StoredShadow {
  version: number;
  liveVersion: number;
  counts: ShadowCounts;
}

function viewShadow({ version, liveVersion, counts }: StoredShadow): Online['shadows'][number] {
  const { asked, dropped, failed, overlap, own, live } = counts;
  return {
    ...{ version, liveVersion, asked, dropped, failed },
    overlap: asked > 0 ? overlap / asked : null,
    microseconds: latencyOf(own),
    liveMicroseconds: latencyOf(live),
  };
}
