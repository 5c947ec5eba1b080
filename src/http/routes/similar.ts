import { SimilarQuery } from '../../domain/answers/recommend-request.ts';
import { SimilarAnswer } from '../../domain/answers/recommendation.ts';
import type { SimilarOptions } from '../../serving/answers/similar.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECOMMEND_PROBLEMS } from '../docs/examples.ts';
import { excludedIn } from '../excluded.ts';
import { checkedId, ItemParams } from '../path-id.ts';

const SIMILAR: SimilarAnswer = {
  itemId: 'film-7',
  items: [{ itemId: 'film-12', score: 0.91, title: 'A Bug’s Life (1998)' }],
  source: 'student',
  model: { name: 'movies', version: 4, task: 'default' },
};

const similar = {
  operationId: 'similarItems',
  tags: ['recommendations'],
  summary: 'Find items like an item',
  description:
    'Neighbours in the space that the model recommends from. An item that came after the training, which the model has no vector for, is compared by title, categories, labels and features; source says so. Hidden and unavailable items, and those of hide rules, are left out.',
  params: ItemParams,
  querystring: SimilarQuery,
  response: {
    200: json('Items, most similar first.', SimilarAnswer, { 'one neighbour': SIMILAR }),
  },
  problems: {
    ...RECOMMEND_PROBLEMS,
    'not-found': 'Neither model movies version 4 nor the catalogue knows the item "film-9999".',
  },
};

export function similarRoutes({ recommender }: Pick<AppDeps, 'recommender'>) {
  return async (app: App): Promise<void> => {
    app.get('/similar/:itemId', {
      config: { scope: 'recommend' },
      schema: similar,
      handler: (request) =>
        recommender.similar(
          checkedId('itemId', request.params.itemId),
          excludedIn(request.query as SimilarOptions),
        ),
    });
  };
}
