import type { Recommendation } from '../domain/answers/recommendation.ts';
import type { Continuation } from '../serving/answers/continuation.ts';
import type { QuickAnswer } from '../serving/answers/quick.ts';
import type { Subject } from '../serving/answers/request.ts';
import type { AppDeps } from './deps.ts';

type Deps = Pick<AppDeps, 'servedLog' | 'continuations' | 'now' | 'counts'>;

/**
 * Remembers an answer, so that its list can be continued, and puts it into the sample that click-through is counted from.
 * @param asked what it answers; `shown` are the items of the pages before, and `answer` is there for a further page
 */
export function noteServed(
  { servedLog, continuations, now, counts }: Deps,
  answer: Recommendation,
  asked: Omit<Continuation, 'shown'> & Partial<Pick<Continuation, 'shown'>>,
): void {
  const { recommendationId: id, model, items } = answer;
  counts?.answer(answer);
  const ids = items.map(({ itemId }) => itemId);
  continuations.keep(id, () => {
    // The default model may be another one by the next page.
    const options = { ...asked.options, model: asked.options.model ?? model?.name };
    return {
      ...asked,
      options,
      shown: [...(asked.shown ?? []), ...ids],
      recorded: asked.impressions && ids.length > 0 ? id : asked.recorded,
      isKnown: asked.isKnown || isOfStored(answer, asked.subject),
    };
  });
  if (!model || !servedLog.isSampled(id)) return;
  const { name, version } = model;
  servedLog.note({ id, model: name, version, at: now(), items: ids });
}

/** True where the answer is from what is stored of the user, and not from the request alone. */
function isOfStored({ source, items }: Recommendation, { userId, session, features }: Subject): boolean {
  if (userId === null || session?.length || features) return false;
  return source === 'student' || items.some((item) => item.source === 'student');
}

/** Remembers and samples the quick answer to a plain question. */
export function noteQuick(
  { servedLog, continuations, now, counts }: Deps,
  { recommendationId: id, model, rows }: QuickAnswer,
  userId: string,
  k: number,
): void {
  const { name, version } = model;
  counts?.quick(model);
  // The rows are overwritten by the next request.
  const own = rows.slice();
  const shown = () => Array.from(own, (row) => model.items[row]!);
  continuations.keep(id, () => ({
    subject: { userId },
    options: { k, model: name },
    shown: shown(),
    impressions: false,
    isKnown: true,
  }));
  if (servedLog.isSampled(id)) servedLog.note({ id, model: name, version, at: now(), items: shown() });
}
