import { problem } from '../../core/errors.ts';
import { NextBody } from '../../domain/answers/next-request.ts';
import { Recommendation } from '../../domain/answers/recommendation.ts';
import { CONTINUED_MS, type Continuation, nextPageId } from '../../serving/answers/continuation.ts';
import type { Subject, Timing } from '../../serving/answers/request.ts';
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
const ERASED =
  'The user of this list was erased, or what was shown to them was, so that it cannot be continued. Ask for a new list.';

const recommendNext = {
  operationId: 'recommendNext',
  tags: ['recommendations'],
  summary: 'Continue a list',
  description: `The next items of a recommendation, none of which a page before has shown: for the same user, session and options, with the history, rules and catalogue as they are now, by the same model in the version that is live, or the one that was named. The answer has a recommendationId of its own, which the page after it needs; the same one again with the same k gives the same answer again, whatever has changed since, and records nothing more. 404 where the user was erased since. When nothing is left the answer is empty, with the reasonCode exhausted. An id can be continued for ${MINUTES} minutes; under much load for less, as each api process remembers 32 MiB.`,
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

type Deps = Pick<AppDeps, 'recommender' | 'servedLog' | 'continuations' | 'store' | 'now' | 'traffic'>;

export function recommendNextRoutes(deps: Deps) {
  const { continuations } = deps;
  const once = createOnce<Recommendation>();
  return async (app: App): Promise<void> => {
    app.post('/recommend/next', {
      config: { scope: 'recommend' },
      schema: recommendNext,
      handler: async (request, reply) => {
        const started = performance.now();
        const { recommendationId, k } = request.body;
        const before = await continuations.find(recommendationId);
        if (!before) throw problem('not-found', unknown(recommendationId));
        const subject = await asTheyAreNow(deps, before);
        if (before.impressions) refuseImpressions(request, subject.userId);
        const options = { ...before.options, ...(k !== undefined && { k }) };
        const id = nextPageId(recommendationId, options.k);
        const timing = { history: 0, vector: 0, scan: 0 };
        const answer = await once(id, async () => {
          const known = await continuations.find(id);
          return known?.answer ?? (await makePage(deps, id, { ...before, subject, options }, timing));
        });
        reply.header('cache-control', 'private, no-store');
        reply.header('server-timing', serverTiming(timing, started));
        return answer;
      },
    });
  };
}

/** Makes, records and remembers a page. @param before with user and options as they are now */
async function makePage(
  deps: Deps,
  recommendationId: string,
  before: Continuation,
  timing: Timing,
): Promise<Recommendation> {
  const { subject, options, shown } = before;
  const made = await deps.recommender.recommendTo(subject, { ...options, shown }, timing);
  const answer = { ...made, recommendationId };
  if (before.impressions) await recordImpressions(deps, answer);
  noteServed(deps, answer, { ...before, answer }, timing);
  return answer;
}

/** Two requests for one page at a time get one answer. */
function createOnce<T>(): (id: string, make: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (id, make) => {
    const known = running.get(id);
    if (known) return known;
    const made = make().finally(() => running.delete(id));
    running.set(id, made);
    return made;
  };
}

/**
 * A guest who has become a user since then goes on as that one. Nothing is shown to, or stored of, somebody who was erased: what
 * was recorded of the list is gone then, under whichever id somebody has come since.
 * @throws problem('not-found')
 */
async function asTheyAreNow(
  { store: { users, interactions } }: Deps,
  { subject, recorded, isKnown }: Continuation,
): Promise<Subject> {
  const { userId } = subject;
  if (userId === null) return subject;
  const became = await users.becameOf(userId);
  if (recorded !== undefined) {
    for (const id of became === null ? [userId] : [became, userId]) {
      if (await interactions.hasEvent(id, recorded)) return { ...subject, userId: id };
    }
    throw problem('not-found', ERASED);
  }
  const id = became ?? userId;
  if (isKnown && !(await users.isThere(id))) throw problem('not-found', ERASED);
  return { ...subject, userId: id };
}
