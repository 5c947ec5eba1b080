import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../core/errors.ts';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import { BatchBody, RecommendQuery, SessionBody } from '../../domain/answers/recommend-request.ts';
import { BatchAnswer, Recommendation } from '../../domain/answers/recommendation.ts';
import { refuseCostly } from '../../domain/answers/request-cost.ts';
import { withVersionText } from '../../domain/base/version-ref.ts';
import { isPlain } from '../../serving/answers/plain.ts';
import type { QuickAnswer } from '../../serving/answers/quick.ts';
import type { Timing } from '../../serving/answers/request.ts';
import { createInstalledEvents } from '../../serving/views/installed-events.ts';
import { refuseExplain } from '../access/visitor-keys.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECOMMEND_PROBLEMS, RECOMMENDATION } from '../docs/examples.ts';
import { excludedIn } from '../excluded.ts';
import { goneSignal } from '../gone.ts';
import { recordImpressions, refuseImpressions } from '../impressions.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { checkedId, UserParams } from '../path-id.ts';
import { noteQuick, noteServed } from '../served.ts';
import { serverTiming } from '../server-timing.ts';
import { subjectOf } from '../session.ts';

/** Milliseconds for which a batch may keep other requests waiting. */
const SLICE_MS = 3;

const recommend = {
  operationId: 'recommend',
  tags: ['recommendations'],
  summary: 'Recommend items to a user',
  description:
    "From the user's history as it is now (the newest 500 interactions speak for the taste, the newest 20,000 make items seen): an interaction accepted a moment ago counts, without retraining. Unknown users get popular items, and source says so. category, filter, hide rules and availability hold for every item, wherever it is from; fewer items come when fewer fit, and reason says so. Without model the default one answers, see GET /default-model. The header Server-Timing says in milliseconds what took how long.",
  params: UserParams,
  querystring: RecommendQuery,
  response: {
    200: json('Items, best first.', Recommendation, { 'from the student': RECOMMENDATION }, [
      'Cache-Control',
      'Server-Timing',
    ]),
  },
  problems: RECOMMEND_PROBLEMS,
};

const recommendToSession = {
  operationId: 'recommendToSession',
  tags: ['recommendations'],
  summary: 'Recommend items to a session',
  description:
    'From interactions in the body, which are not stored: for visitors who are not known, or, with userId, on top of what is.',
  body: SessionBody,
  examples: {
    'two items of a visitor': {
      k: 10,
      interactions: [{ itemId: 'film-7' }, { itemId: 'film-9', type: 'favorite' }],
    },
  },
  response: {
    200: json(
      'Items, best first.',
      Recommendation,
      { 'for a visitor': { ...RECOMMENDATION, userId: null } },
      ['Cache-Control', 'Server-Timing'],
    ),
  },
  problems: RECOMMEND_PROBLEMS,
};

const recommendToMany = {
  operationId: 'recommendToMany',
  tags: ['recommendations'],
  summary: 'Recommend items to many users',
  description:
    'Up to 1,000 users with the same options, as far as the setting MAX_REQUEST_PLACES allows: by default 250,000 places, each user taking k of them, four times that with diversity, and 1,000 more with explain; one that cannot be answered says why in its place.',
  body: BatchBody,
  examples: { 'two users': { users: ['user-42', 'user-43'], k: 10 } },
  response: {
    200: json(
      'One result per user, in order.',
      BatchAnswer,
      {
        'one answer, one problem': {
          results: [
            RECOMMENDATION,
            { userId: '', problem: { code: 'invalid-id', detail: 'userId is empty; give 1-256 bytes.' } },
          ],
        },
      },
      ['Cache-Control'],
    ),
  },
  problems: RECOMMEND_PROBLEMS,
};

export function recommendRoutes(deps: Deps) {
  const { recommender, now, store, installedEvents = createInstalledEvents(store.eventTypes) } = deps;
  const { places } = { ...DEFAULT_LIMITS, ...deps.limits };
  return async (app: App): Promise<void> => {
    app.get('/recommend/:userId', {
      config: { scope: 'recommend' },
      schema: recommend,
      // Not async: the plain question is answered from memory, and a promise would cost it a tenth of its time.
      handler: (request, reply) => {
        const started = performance.now();
        const userId = checkedId('userId', request.params.userId);
        const query = excludedIn(request.query as RecommendOptions & { impressions?: boolean });
        const timing: Timing = { history: 0, vector: 0, scan: 0 };
        const general = async () => {
          const { impressions = false, ...options } = query;
          refuseBeyondKey(request, userId, impressions, options);
          refuseCostly(1, options, places);
          const answer = await recommender.recommend(userId, options, timing, goneSignal(reply));
          if (impressions) await recordImpressions(deps, answer);
          noteServed(deps, answer, { subject: { userId }, options, impressions }, timing);
          reply.header('cache-control', 'private, no-store');
          return reply.header('server-timing', serverTiming(timing, started)).send(answer);
        };
        const quick = isPlain(query) ? recommender.quick(userId, query.k, query.model, timing) : null;
        if (quick === null) return general();
        const send = (answer: QuickAnswer) => {
          noteQuick(deps, answer, userId, query.k, timing);
          return sendQuick(reply, answer, timing, started);
        };
        if (!(quick instanceof Promise)) return send(quick);
        return quick.then((answer) => (answer === null ? general() : send(answer)));
      },
    });

    app.post('/recommend', {
      config: { scope: 'recommend' },
      schema: recommendToSession,
      handler: async (request, reply) => {
        const started = performance.now();
        const {
          userId,
          visitor,
          interactions,
          userFeatures,
          impressions = false,
          ...rest
        } = withVersionText(request.body);
        const options = rest as RecommendOptions;
        const timing: Timing = { history: 0, vector: 0, scan: 0 };
        const body = { userId, visitor, interactions, userFeatures } as typeof request.body;
        const subject = subjectOf(body, now(), await installedEvents.get());
        refuseBeyondKey(request, subject.userId, impressions, options);
        refuseCostly(1, options, places);
        const answer = await recommender.recommendTo(subject, options, timing, goneSignal(reply));
        if (impressions) await recordImpressions(deps, answer);
        noteServed(deps, answer, { subject, options, impressions }, timing);
        reply.header('cache-control', 'private, no-store');
        reply.header('server-timing', serverTiming(timing, started));
        return answer;
      },
    });

    app.post('/recommend/batch', {
      config: { scope: 'read' },
      schema: recommendToMany,
      handler: async (request, reply) => {
        const { users, ...options } = withVersionText(request.body);
        refuseCostly(users.length, options as RecommendOptions, places);
        const results = await answerMany(deps, users, options as RecommendOptions, goneSignal(reply));
        reply.header('cache-control', 'private, no-store');
        return { results } as never;
      },
    });
  };
}

type Deps = Pick<
  AppDeps,
  | 'recommender'
  | 'servedLog'
  | 'continuations'
  | 'store'
  | 'now'
  | 'installedEvents'
  | 'counts'
  | 'traffic'
  | 'limits'
>;

/** @throws problem('forbidden') for what the key of the request does not allow */
function refuseBeyondKey(
  request: FastifyRequest,
  userId: string | null,
  impressions: boolean,
  { explain }: RecommendOptions,
): void {
  if (impressions) refuseImpressions(request, userId);
  refuseExplain(request, explain, userId);
}

function sendQuick(
  reply: FastifyReply,
  { json: text }: QuickAnswer,
  timing: Timing,
  started: number,
): FastifyReply {
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'private, no-store')
    .header('server-timing', serverTiming(timing, started))
    .send(text);
}

/** Answers one after the other, with turns for other requests in between. @param gone ends it */
async function answerMany(
  deps: Deps,
  users: readonly string[],
  options: RecommendOptions,
  gone: AbortSignal,
): Promise<unknown[]> {
  // What is wrong with the options is wrong for everybody, though users of whom nothing is known may be first.
  await deps.recommender.recommendTo({ userId: null }, { ...options, strict: false });
  const results: unknown[] = [];
  let until = performance.now() + SLICE_MS;
  for (const userId of users) {
    gone.throwIfAborted();
    results.push(await answerFor(deps, userId, options, gone));
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
  return results;
}

/** The answer, or what is wrong with this user alone; what is wrong with the request as a whole ends it. */
async function answerFor(deps: Deps, userId: string, options: RecommendOptions, gone: AbortSignal) {
  try {
    const answer = await deps.recommender.recommend(checkedId('userId', userId), options, undefined, gone);
    noteServed(deps, answer, { subject: { userId }, options, impressions: false });
    return answer;
  } catch (error) {
    const isTheirs =
      error instanceof AppError &&
      (error.code === 'invalid-id' || (error.code === 'not-found' && options.strict === true));
    if (!isTheirs) throw error;
    return { userId, problem: { code: error.code, detail: error.detail } };
  }
}
