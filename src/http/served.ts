import type { Recommendation } from '../domain/answers/recommendation.ts';
import type { AppDeps } from './deps.ts';

/** Puts an answer into the sample that click-through is counted from. */
export function noteServed(
  { servedLog, now }: Pick<AppDeps, 'servedLog' | 'now'>,
  answer: Recommendation,
): void {
  const { recommendationId: id, model, items } = answer;
  if (!model || !servedLog.isSampled(id)) return;
  const { name, version } = model;
  servedLog.note({ id, model: name, version, at: now(), items: items.map(({ itemId }) => itemId) });
}
