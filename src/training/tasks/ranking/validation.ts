import type { Rng } from '../../../core/rng.ts';
import { type Csr, columnSums, selectRows } from '../../../dataset/matrix.ts';
import type { Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { historyFor, type Split } from '../../../dataset/split/split.ts';
import { evaluate, evaluatedUsers } from '../../../evaluation/evaluate.ts';
import type { ModelValidation } from '../../../teacher/contract.ts';

/** Enough to tell two epochs apart; every user of a large set would cost more than the epoch. */
const MAX_USERS = 2000;
const K = 10;

/**
 * NDCG@10 on the validation pairs, on a fixed sample of users. Undefined when nothing was held out.
 * @param unlisted what the data set has beside the pairs that count, which no list shows
 * @param shown [users, items] what models are asked with, where that is more than what is known of these pairs
 */
export function createValidation(
  split: Split,
  patience: number,
  rng: Rng,
  unlisted: Unlisted,
  shown = historyFor(split, 'validation'),
): ModelValidation | undefined {
  const { known, heldOut, hidden } = maskedFor(split, unlisted, 'validation');
  const users = rng.shuffle(evaluatedUsers(heldOut)).subarray(0, MAX_USERS);
  if (users.length === 0) return undefined;
  const data = {
    histories: selectRows(shown, users),
    known: selectRows(known, users),
    heldOut: selectRows(heldOut, users),
    hidden,
    popularity: columnSums(split.train),
  };
  return {
    async metric(scores: (histories: Csr) => Float32Array) {
      const { outcomes } = await evaluate([{ name: 'validated', scores }], data, { ks: [K] });
      const ndcg = outcomes[0]!.metrics[`ndcg@${K}`]!;
      return ndcg.reduce((sum, x) => sum + x, 0) / ndcg.length;
    },
    every: 1,
    patience,
  };
}
