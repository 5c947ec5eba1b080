import type { Recommendation } from '../domain/answers/recommendation.ts';
import type { Continuation } from '../serving/answers/continuation.ts';
import type { QuickAnswer } from '../serving/answers/quick.ts';
import { type Subject, type Timing, whoOf } from '../serving/answers/request.ts';
import type { Answered } from '../serving/traffic/watch.ts';
import type { AppDeps } from './deps.ts';

type Deps = Pick<AppDeps, 'servedLog' | 'continuations' | 'now' | 'counts' | 'traffic'>;

/**
 * Remembers an answer, so that its list can be continued, and puts it into the sample that click-through is counted from. Where the
 * model has traffic the answer counts for its variant.
 * @param asked what it answers; `shown` are the items of the pages before, and `answer` is there for a further page
 * @param timing of one that is nobody's batch
 */
export function noteServed(
  deps: Deps,
  answer: Recommendation,
  asked: Omit<Continuation, 'shown'> & Partial<Pick<Continuation, 'shown'>>,
  timing?: Timing,
): void {
  const { recommendationId: id, model, items, variant } = answer;
  deps.counts?.answer(answer);
  const ids = items.map(({ itemId }) => itemId);
  deps.continuations.keep(id, () => {
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
  if (!model) return;
  const { subject, shown } = asked;
  const options = shown ? { ...asked.options, shown } : asked.options;
  const { name, version } = model;
  sampleServed(deps, id, { model: name, version, variant, subject, options, timing, shown: () => ids });
}

/** Counts what an answer was, and writes it down where it counts for an experiment or is of the sample. */
function sampleServed({ servedLog, traffic, now }: Deps, id: string, answer: Answered): void {
  const counted = traffic?.answered(answer);
  if (!counted && !servedLog.isSampled(id)) return;
  const { model, version, variant, subject, shown } = answer;
  servedLog.note({
    ...{ id, model, version, at: now(), items: shown(), userId: whoOf(subject) },
    ...(variant && { variant: variant.name }),
    ...(counted && { counted }),
  });
}

/** True where the answer is from what is stored of the user, and not from the request alone. */
function isOfStored({ source, items }: Recommendation, { userId, session, features }: Subject): boolean {
  if (userId === null || session?.length || features) return false;
  return source === 'student' || items.some((item) => item.source === 'student');
}

/** Remembers and samples the quick answer to a plain question. */
export function noteQuick(
  deps: Deps,
  { recommendationId: id, model, rows, variant }: QuickAnswer,
  userId: string,
  k: number,
  timing: Timing,
): void {
  const { name, version } = model;
  deps.counts?.quick(model);
  // The rows are overwritten by the next request.
  const own = rows.slice();
  const shown = () => Array.from(own, (row) => model.items[row]!);
  const options = { k, model: name };
  deps.continuations.keep(id, () => ({
    ...{ subject: { userId }, options },
    shown: shown(),
    impressions: false,
    isKnown: true,
  }));
  sampleServed(deps, id, { model: name, version, variant, subject: { userId }, options, timing, shown });
}
