import type { Rng } from '../../../core/rng.ts';
import { NEWER } from '../../../dataset/split/history-kinds.ts';
import type { EvaluationData } from '../../../evaluation/evaluate.ts';
import { fitScale, scaleUsers } from '../../../evaluation/score-scale.ts';
import type { Entry } from './entries.ts';

/** Validation pairs with what is known when they are predicted, [users, items] each. */
export type ScaleData = Pick<EvaluationData, 'histories' | 'known' | 'heldOut' | 'hidden'>;

/**
 * Fits the scale of every ranker's scores on the validation pairs of newer users: the student was taught those of the others,
 * which the teacher's lists left out as known. One without a scale keeps its scores as they are.
 *
 * @param kinds [users]
 * @returns the entries with their scales; `scale` is absent where none could be fitted
 */
export async function withScales(
  entries: readonly Entry[],
  data: ScaleData,
  kinds: Uint8Array,
  rng: Rng,
  onEntry: (done: number) => Promise<void> | void,
): Promise<Entry[]> {
  const users = scaleUsers(data.heldOut, (user) => kinds[user] === NEWER, rng.shuffle);
  const scaled: Entry[] = [];
  for (const entry of entries) {
    const scale = entry.ranker.listsOnly ? null : fitScale(entry.ranker, data, users);
    scaled.push(scale === null ? entry : { ...entry, ranker: { ...entry.ranker, scale } });
    await onEntry(scaled.length / entries.length);
  }
  return scaled;
}
