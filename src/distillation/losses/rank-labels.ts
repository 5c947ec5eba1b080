import { valueAt } from '../../domain/base/scheduled.ts';
import { type BatchLists, listsOf, toSparse } from './batch-lists.ts';
import { listsInPart } from './catalogue-part.ts';
import { listedOrSampled, sampledCrossEntropy } from './sampled.ts';
import type { LossTerm } from './term.ts';

/**
 * Cross-entropy of the teacher's order: the item at rank r of the user's list (own items hidden) is wanted with a share
 * proportional to exp(-r / T), against the student's softmax over all items that are not the user's own. Only the order
 * counts, so that no teacher's scale of scores, and no user's, matters; of items that the teacher does not know nothing is
 * said. The exponential weight by position is that of ranking distillation (Tang & Wang, KDD 2018, eq. 7), here as one
 * distribution in a full softmax.
 */
export const rankLabels: LossTerm<'rankLabels'> = {
  term(settings, { engine, items, teacher, rng }) {
    const outputs = teacher!.lists('hidden');
    return {
      prepare({ users, hidden, progress, part }) {
        const cut = listsOf(outputs, users, part?.top ?? settings.top);
        const lists = part ? listsInPart(cut, part) : cut;
        const shares = rankShares(lists, valueAt(settings.temperature, progress));
        if (settings.samples > 0) {
          const sample = listedOrSampled(lists, hidden, items, settings.samples, rng);
          return sampledCrossEntropy(engine, lists, shares, sample, 1);
        }
        const labels = engine.sparseRows(toSparse(lists, shares, part?.ids.length ?? items));
        return {
          value: (student) => engine.softmaxCrossEntropy(student.unseenLogits(), labels),
          dispose: () => labels.dispose(),
        };
      },
    };
  },
};

/** exp(-r / temperature), r = 0, 1, ..., as shares of each list, [B * width]. */
export function rankShares({ width, lengths }: BatchLists, temperature: number): Float32Array {
  const falling = Float64Array.from({ length: width }, (_, rank) => Math.exp(-rank / temperature));
  const sums = new Float64Array(width + 1);
  for (let rank = 0; rank < width; rank++) sums[rank + 1] = sums[rank]! + falling[rank]!;
  const shares = new Float32Array(lengths.length * width);
  lengths.forEach((length, row) => {
    for (let rank = 0; rank < length; rank++) shares[row * width + rank] = falling[rank]! / sums[length]!;
  });
  return shares;
}
