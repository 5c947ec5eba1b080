import { RecommendQuery } from '../../domain/recommendation.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../documentation.ts';
import { checkedId, UserParams } from '../path-id.ts';

const EXAMPLE = {
  userId: 'user-42',
  items: [{ itemId: 'film-7', score: 8.31, title: 'Toy Story (1995)' }],
  source: 'student',
  model: { name: 'movies', version: 4, task: 'default' },
  recommendationId: 'rec_01kq3v5yqk8r7m2d',
};

const recommend = {
  operationId: 'recommend',
  tags: ['recommendations'],
  summary: 'Recommend items to a user',
  description:
    "From the user's history as it is now: an interaction accepted a moment ago counts, without retraining. Unknown users get popular items, and source says so. Without model the only one answers, else the default one.",
  params: UserParams,
  querystring: RecommendQuery,
  response: {
    200: json('Items, best first.', named('Recommendation'), EXAMPLE),
  },
  problems: problems({
    'invalid-request': 'k must be a whole number from 1 to 1000; got 0.',
    'invalid-id': 'userId contains a NUL character; remove it.',
    'not-found': 'There is no model "films".',
    'ambiguous-model': 'Name one of the models: movies, books.',
    'store-unavailable': 'The database cannot be read; try again in a few seconds.',
  }),
};

export function recommendRoutes({ recommender }: Pick<AppDeps, 'recommender'>) {
  return async (app: App): Promise<void> => {
    app.get('/recommend/:userId', {
      config: { scope: 'read' },
      schema: recommend,
      handler: async (request, reply) => {
        const { k = 10, model, includeSeen = false, strict = false } = request.query;
        const userId = checkedId('userId', request.params.userId);
        reply.header('cache-control', 'private, no-store');
        return recommender.recommend(userId, { k, model, includeSeen, strict });
      },
    });
  };
}
