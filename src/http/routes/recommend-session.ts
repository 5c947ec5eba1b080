import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../core/errors.ts';
import {
  BatchAnswer,
  BatchBody,
  type RecommendOptions,
  SessionBody,
} from '../../domain/answers/recommendation.ts';
import type { Timing } from '../../serving/answers/request.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { checkedId } from '../path-id.ts';
import { noteServed } from '../served.ts';
import { serverTiming } from '../server-timing.ts';
import { subjectOf } from '../session.ts';
import { RECOMMEND_PROBLEMS, RECOMMENDATION } from './recommend.ts';

const BODY_PROBLEMS = {
  ...RECOMMEND_PROBLEMS,
  'malformed-json': 'The JSON is wrong at line 1, column 12.',
  'payload-too-large': 'The body may have at most 1048576 bytes here.',
  'unsupported-media-type': 'Content-Type is text/plain; send application/json.',
} as const;
const SLICE_MS = 3;

const recommendToSession = {
  operationId: 'recommendToSession',
  tags: ['recommendations'],
  summary: 'Recommend items to a session',
  description:
    'From interactions in the body, which are not stored: for visitors who are not known, or, with userId, on top of what is.',
  body: SessionBody,
  response: { 200: json('Items, best first.', named('Recommendation'), { ...RECOMMENDATION, userId: null }) },
  problems: problems(BODY_PROBLEMS),
};

const recommendToMany = {
  operationId: 'recommendToMany',
  tags: ['recommendations'],
  summary: 'Recommend items to many users',
  description: 'Up to 1,000 users with the same options; one that cannot be answered says why in its place.',
  body: BatchBody,
  response: { 200: json('One result per user, in order.', BatchAnswer, { results: [RECOMMENDATION] }) },
  problems: problems(BODY_PROBLEMS),
};

export function sessionRoutes(deps: Pick<AppDeps, 'recommender' | 'servedLog' | 'now'>) {
  const { recommender, now } = deps;

  /** What is wrong with this user alone; what is wrong with the request as a whole ends it. */
  async function answerFor(userId: string, options: RecommendOptions) {
    try {
      const answer = await recommender.recommend(checkedId('userId', userId), options);
      noteServed(deps, answer);
      return answer;
    } catch (error) {
      const isTheirs =
        error instanceof AppError &&
        (error.code === 'invalid-id' || (error.code === 'not-found' && options.strict === true));
      if (!isTheirs) throw error;
      return { userId, problem: { code: error.code, detail: error.detail } };
    }
  }

  return async (app: App): Promise<void> => {
    app.post('/recommend', {
      config: { scope: 'read' },
      schema: recommendToSession,
      handler: async (request, reply) => {
        const started = performance.now();
        const { userId, interactions, userFeatures, ...options } = request.body;
        const timing: Timing = { history: 0, vector: 0, scan: 0 };
        const subject = subjectOf({ userId, interactions, userFeatures } as typeof request.body, now());
        const answer = await recommender.recommendTo(subject, options as RecommendOptions, timing);
        noteServed(deps, answer);
        reply.header('cache-control', 'private, no-store');
        reply.header('server-timing', serverTiming(timing, started));
        return answer;
      },
    });

    app.post('/recommend/batch', {
      config: { scope: 'read' },
      schema: recommendToMany,
      handler: async (request, reply) => {
        const { users, ...options } = request.body;
        // What is wrong with the options is wrong for everybody, though users of whom nothing is known may be first.
        await recommender.recommendTo({ userId: null }, { ...(options as RecommendOptions), strict: false });
        const results: unknown[] = [];
        let until = performance.now() + SLICE_MS;
        for (const userId of users) {
          results.push(await answerFor(userId, options as RecommendOptions));
          if (performance.now() < until) continue;
          await nextTurn();
          until = performance.now() + SLICE_MS;
        }
        reply.header('cache-control', 'private, no-store');
        return { results } as never;
      },
    });
  };
}
