import type { FastifyReply } from 'fastify';
import { type RecommendOptions, RecommendQuery } from '../../domain/answers/recommendation.ts';
import { isPlain } from '../../serving/answers/plain.ts';
import type { QuickAnswer } from '../../serving/answers/quick.ts';
import type { Timing } from '../../serving/answers/request.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { checkedId, UserParams } from '../path-id.ts';
import { noteServed } from '../served.ts';
import { serverTiming } from '../server-timing.ts';

export const RECOMMENDATION = {
  userId: 'user-42',
  items: [{ itemId: 'film-7', score: 8.31, title: 'Toy Story (1995)' }],
  source: 'student',
  model: { name: 'movies', version: 4, task: 'default' },
  recommendationId: '3b241101-e2bb-4255-8caf-4136c566a962',
};

export const RECOMMEND_PROBLEMS = {
  'invalid-request': 'filter, at character 6: there is "1990", expected one of = != < <= > >= in.',
  'invalid-id': 'userId contains a NUL character; remove it.',
  'not-found': 'There is no model "films".',
  'ambiguous-model': 'Name one of the models: movies, books.',
  conflict: 'version 3 of model movies cannot be used: weights.safetensors is truncated: 10 of 20 bytes',
  'store-unavailable': 'The database cannot be read; try again in a few seconds.',
} as const;

const recommend = {
  operationId: 'recommend',
  tags: ['recommendations'],
  summary: 'Recommend items to a user',
  description:
    "From the user's history as it is now (the newest 500 interactions speak for the taste, the newest 2,000 make items seen): an interaction accepted a moment ago counts, without retraining. Unknown users get popular items, and source says so. Without model the only one answers, else the default one. The header Server-Timing says in milliseconds what took how long.",
  params: UserParams,
  querystring: RecommendQuery,
  response: {
    200: json('Items, best first.', named('Recommendation'), RECOMMENDATION),
  },
  problems: problems(RECOMMEND_PROBLEMS),
};

export function recommendRoutes(deps: Pick<AppDeps, 'recommender' | 'servedLog' | 'now'>) {
  const { recommender, servedLog, now } = deps;

  function sendQuick(reply: FastifyReply, answer: QuickAnswer, timing: Timing, started: number) {
    const { json: text, model, recommendationId, rows } = answer;
    if (servedLog.isSampled(recommendationId)) {
      const items = Array.from(rows, (row) => model.items[row]!);
      servedLog.note({
        id: recommendationId,
        model: model.name,
        version: model.version,
        at: now(),
        items,
      });
    }
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'private, no-store')
      .header('server-timing', serverTiming(timing, started))
      .send(text);
  }

  return async (app: App): Promise<void> => {
    app.get('/recommend/:userId', {
      config: { scope: 'read' },
      schema: recommend,
      // Not async: the plain question is answered from memory, and a promise would cost it a tenth of its time.
      handler: (request, reply) => {
        const started = performance.now();
        const userId = checkedId('userId', request.params.userId);
        const query = request.query as RecommendOptions;
        const timing: Timing = { history: 0, vector: 0, scan: 0 };
        const general = async () => {
          const answer = await recommender.recommend(userId, query, timing);
          noteServed(deps, answer);
          reply.header('cache-control', 'private, no-store');
          return reply.header('server-timing', serverTiming(timing, started)).send(answer);
        };
        const quick = isPlain(query) ? recommender.quick(userId, query.k, query.model, timing) : null;
        if (quick === null) return general();
        if (!(quick instanceof Promise)) return sendQuick(reply, quick, timing, started);
        return quick.then((answer) =>
          answer === null ? general() : sendQuick(reply, answer, timing, started),
        );
      },
    });
  };
}
