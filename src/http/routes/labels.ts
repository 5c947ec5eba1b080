import { problem } from '../../core/errors.ts';
import {
  LabelsBody,
  MOST_TAKERS,
  PredictedLabels,
  type UnseenEntity,
} from '../../domain/answers/predicted-labels.ts';
import { withVersionText } from '../../domain/base/version-ref.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import type { Unseen } from '../../serving/answers/predict-labels.ts';
import { createInstalledEvents } from '../../serving/views/installed-events.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { checkedId } from '../path-id.ts';
import { subjectOf } from '../session.ts';

const LABELS = {
  model: { name: 'genres', version: 1 },
  of: 'items',
  results: [
    {
      id: 'film-7',
      labels: [
        { label: 'Animation', probability: 0.83, predicted: true },
        { label: 'Drama', probability: 0.06, predicted: false },
      ],
      source: 'both',
    },
    {
      id: 'film-9999',
      problem: {
        code: 'not-found',
        detail: 'Neither model genres nor the catalogue knows the item "film-9999".',
      },
    },
  ],
};

const predictLabels = {
  operationId: 'predictLabels',
  tags: ['recommendations'],
  summary: 'Predict labels of items or users',
  description:
    'With a model of the task multi-label: each label with its calibrated probability and whether it is predicted. Of stored items what training saw of their interactions counts, and their features as they are now; of users the history as it is now. What is not stored is described in entities. One that nothing is known of says so in its place.',
  body: LabelsBody,
  examples: {
    'stored items': { model: 'genres', items: ['film-7', 'film-9'] },
    'an item that is not stored': {
      model: 'genres',
      entities: [{ title: 'Toy Story 5', interactions: [{ userId: 'user-42' }] }],
    },
  },
  response: {
    200: json('One result for each, in order.', PredictedLabels, { 'one known, one unknown': LABELS }, [
      'Cache-Control',
    ]),
  },
  problems: {
    'invalid-request': 'Model movies recommends items and predicts no labels; models that do: genres.',
    'invalid-id': 'items[0] must have 1 to 256 bytes; it has 300.',
    'not-found': 'there is no model "genre"; there are: genres',
    conflict: 'version 3 of model genres cannot be used: weights.safetensors is damaged',
  },
};

const DEFAULT_K = 10;

export function labelRoutes({
  recommender,
  now,
  store,
  installedEvents = createInstalledEvents(store.eventTypes),
}: Pick<AppDeps, 'recommender' | 'now' | 'store' | 'installedEvents'>) {
  return async (app: App): Promise<void> => {
    app.post('/labels', {
      config: { scope: 'read' },
      schema: predictLabels,
      handler: async (request, reply) => {
        const {
          items,
          users,
          entities,
          k = DEFAULT_K,
          model,
          version,
        } = withVersionText(request.body as LabelsBody);
        const given = { items, users, entities };
        if (Object.values(given).filter((list) => list !== undefined).length !== 1) {
          throw problem('invalid-request', 'Send items, users or entities, one of the three.');
        }
        for (const [i, id] of (items ?? users ?? []).entries())
          checkedId(`${items ? 'items' : 'users'}[${i}]`, id);
        const installed = await installedEvents.get();
        const answer = await recommender.labels({
          model,
          version,
          k,
          items,
          users,
          entities:
            entities &&
            ((of) =>
              entities.map((one, i) => unseenOf(one, of, `entities[${i}].`, { now: now(), installed }))),
        });
        reply.header('cache-control', 'private, no-store');
        return answer;
      },
    });
  };
}

/** @throws problem('invalid-request') that names the field */
function unseenOf(
  { interactions, features = {}, ...said }: UnseenEntity,
  of: 'items' | 'users',
  field: string,
  { now, installed }: { now: number; installed: Installed },
): Unseen {
  const described = { ...said, features };
  if (!interactions) return { described };
  const [wanted, other] = of === 'items' ? (['userId', 'itemId'] as const) : (['itemId', 'userId'] as const);
  const wrong = interactions.findIndex((one) => one[wanted] === undefined || one[other] !== undefined);
  if (wrong >= 0) {
    throw problem(
      'invalid-request',
      `${field}interactions[${wrong}] needs ${wanted} and no ${other}: the model predicts labels of ${of}.`,
    );
  }
  if (of === 'users') {
    const history =
      subjectOf({ interactions: interactions as { itemId: string }[] }, now, installed, field).session ?? [];
    return { described, history };
  }
  if (interactions.length > MOST_TAKERS) {
    throw problem(
      'invalid-request',
      `${field}interactions may name at most ${MOST_TAKERS} users; got ${interactions.length}.`,
    );
  }
  const takers = interactions.map(({ userId }, i) => checkedId(`${field}interactions[${i}].userId`, userId!));
  return { described, takers };
}
