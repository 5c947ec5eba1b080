import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { ModelParams } from '../../path-id.ts';

const DAY_MS = 86_400_000;

const Rate = Type.Union([Type.Number(), Type.Null()]);
const Online = Type.Object({
  model: Type.String(),
  sample: Type.String({ description: 'What the counts are of.' }),
  versions: Type.Array(
    Type.Object({
      version: Type.Integer(),
      served: Type.Integer({ description: 'Recommendations in the sample.' }),
      clicked: Type.Integer({
        description: 'Those with an interaction that named them and one of their items.',
      }),
      clickThroughRate: Rate,
      itemsShown: Type.Integer(),
      itemsClicked: Type.Integer(),
      itemClickThroughRate: Rate,
    }),
    { description: 'Newest first.' },
  ),
});

const ONLINE = {
  model: 'movies',
  sample: 'a sample of recommendations served in the last 30 days',
  versions: [
    {
      version: 4,
      served: 1200,
      clicked: 96,
      clickThroughRate: 0.08,
      itemsShown: 12_000,
      itemsClicked: 110,
      itemClickThroughRate: 0.0092,
    },
  ],
};

const online = {
  operationId: 'getOnline',
  tags: ['models'],
  summary: 'Read click-through by version',
  description:
    'Of a sample of the recommendations served (SERVED_SAMPLE, the newest 100,000), and of the interactions that were sent with their recommendationId.',
  params: ModelParams,
  querystring: Type.Object(
    {
      days: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 365,
          default: 30,
          description: 'How many days back.',
          examples: [7],
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: json('Counts and rates by version.', Online, { 'one version': ONLINE }),
  },
  problems: {
    'invalid-request': 'days must be a whole number from 1 to 365; got 0.',
    'not-found': 'There is no model "films".',
  },
};

export function onlineRoutes({ store, now }: Pick<AppDeps, 'store' | 'now'>) {
  return async (app: App): Promise<void> => {
    app.get('/models/:name/online', {
      config: { scope: 'read' },
      schema: online,
      handler: async (request) => {
        const { name } = request.params;
        const { days = 30 } = request.query;
        if ((await store.models.versions(name)).length === 0) {
          throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
        }
        const versions = await store.served.online(name, now() - days * DAY_MS);
        return {
          model: name,
          sample: `a sample of recommendations served in the last ${days} days`,
          versions: versions.map((count) => ({
            ...count,
            clickThroughRate: rate(count.clicked, count.served),
            itemClickThroughRate: rate(count.itemsClicked, count.itemsShown),
          })),
        };
      },
    });
  };
}

function rate(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
