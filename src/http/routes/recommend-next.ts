import { problem } from '../../core/errors.ts';
import { NextBody } from '../../domain/answers/next-request.ts';
import { Recommendation } from '../../domain/answers/recommendation.ts';
import { CONTINUED_MS } from '../../serving/answers/continuation.ts';
import type { Subject } from '../../serving/answers/request.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECOMMEND_PROBLEMS, RECOMMENDATION } from '../docs/examples.ts';
import { recordImpressions, refuseImpressions } from '../impressions.ts';
import { noteServed } from '../served.ts';
import { serverTiming } from '../server-timing.ts';

const MINUTES = CONTINUED_MS / 60_000;
const unknown = (id: string) =>
  `No list with the recommendationId ${JSON.stringify(id)} can be continued: it is older than ${MINUTES} minutes, or is of no recommendation. Ask for a new list.`;

const recommendNext = {
  operationId: 'recommendNext',
  tags: ['recommendations'],
  summary: 'Continue a list',
  description: `The next items of a recommendation, none of which a page before has shown: for the same user, session and options, with the history, rules and catalogue as they are now, by the same model in the version that is live, or the one that was named. The answer has a recommendationId of its own, which the page after it needs; the same one again gives the same page again, unless something has changed. When nothing is left the answer is empty, with the reasonCode exhausted. An id can be continued for ${MINUTES} minutes; under much load for less, as each api process remembers 32 MiB.`,
  body: NextBody,
  examples: { 'the next page': { recommendationId: RECOMMENDATION.recommendationId } },
  response: {
    200: json('Items, best first.', Recommendation, { 'from the student': RECOMMENDATION }, [
      'Cache-Control',
      'Server-Timing',
    ]),
  },
  problems: { ...RECOMMEND_PROBLEMS, 'not-found': unknown(RECOMMENDATION.recommendationId) },
};

type Deps = Pick<AppDeps, 'recommender' | 'servedLog' | 'continuations' | 'store' | 'now'>;

export function recommendNextRoutes(deps: Deps) {
  const { recommender, continuations } = deps;
  return async (app: App): Promise<void> => {
    app.post('/recommend/next', {
      config: { scope: 'read' },
      schema: recommendNext,
      handler: async (request, reply) => {
        const started = performance.now();
        const { recommendationId, k } = request.body;
        const before = await continuations.find(recommendationId);
        if (!before) throw problem('not-found', unknown(recommendationId));
        const { shown, impressions } = before;
        const subject = await asTheyAreNow(deps, before.subject);
        if (impressions) refuseImpressions(request, subject.userId);
        const options = { ...before.options, ...(k !== undefined && { k }) };
        const timing = { history: 0, vector: 0, scan: 0 };
        const answer = await recommender.recommendTo(subject, { ...options, shown }, timing);
        if (impressions) await recordImpressions(deps, answer);
        noteServed(deps, answer, { ...before, subject, options });
        reply.header('cache-control', 'private, no-store');
        reply.header('server-timing', serverTiming(timing, started));
        return answer;
      },
    });
  };
}

/** A guest who has become a user since then goes on as that one. */
async function asTheyAreNow({ store: { users } }: Deps, subject: Subject): Promise<Subject> {
  const { userId } = subject;
  return userId === null ? subject : { ...subject, userId: (await users.becameOf(userId)) ?? userId };
}
