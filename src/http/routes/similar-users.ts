import { SimilarUsersQuery } from '../../domain/answers/recommend-request.ts';
import { SimilarUsersAnswer } from '../../domain/answers/similar-users.ts';
import type { SimilarUsersOptions } from '../../serving/answers/similar-users.ts';
import { MOST_USERS } from '../../serving/answers/user-vectors.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECOMMEND_PROBLEMS } from '../docs/examples.ts';
import { goneSignal } from '../gone.ts';
import { checkedId, UserParams } from '../path-id.ts';

const EXAMPLE: SimilarUsersAnswer = {
  userId: 'user-42',
  users: [{ userId: 'user-7', score: 0.93 }],
  searched: { users: 940, of: 943, at: '2026-03-01T12:00:00.000Z' },
  model: { name: 'movies', version: 4, task: 'default' },
};

const similarUsers = {
  operationId: 'similarUsers',
  tags: ['recommendations'],
  summary: 'Find users like a user',
  description: `By the cosine of the vectors that the model makes of their histories, as they are now: a user who came after the training has one too. Exact over the ${MOST_USERS.toLocaleString('en')} users who came last; searched says of how many. Their vectors are computed at the first question, which takes some seconds where there are many, and renewed every ten minutes. It tells of people: give its key to nobody who must not know who is like whom.`,
  params: UserParams,
  querystring: SimilarUsersQuery,
  response: {
    200: json('Users, most similar first.', SimilarUsersAnswer, { 'one user': EXAMPLE }, ['Cache-Control']),
  },
  problems: { ...RECOMMEND_PROBLEMS, 'not-found': 'Nothing is known of user "user-42".' },
};

export function similarUserRoutes({ recommender }: Pick<AppDeps, 'recommender'>) {
  return async (app: App): Promise<void> => {
    app.get('/users/:userId/similar', {
      config: { scope: 'read' },
      schema: similarUsers,
      handler: async (request, reply) => {
        const userId = checkedId('userId', request.params.userId);
        const answer = await recommender.similarUsers(
          userId,
          request.query as SimilarUsersOptions,
          goneSignal(reply),
        );
        reply.header('cache-control', 'private, no-store');
        return answer;
      },
    });
  };
}
