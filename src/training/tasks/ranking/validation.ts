import { setImmediate as breathe } from 'node:timers/promises';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, columnSums, selectRows } from '../../../dataset/matrix.ts';
import type { Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { askedWith, historyFor, type Split } from '../../../dataset/split/split.ts';
import { batchSizeFor, evaluate, evaluatedUsers } from '../../../evaluation/evaluate.ts';
import { createNdcgOfSome } from '../../../evaluation/ndcg-of-some.ts';
import type { ModelValidation } from '../../../teacher/contract.ts';
import { measuredUsers } from '../../run/curves.ts';

/** Enough to tell two epochs apart; every user of a large set would cost more than the epoch. */
const MAX_USERS = 2000;
const K = 10;

/**
 * NDCG@10 on the validation pairs, on a fixed sample of users. Undefined when nothing was held out.
 * @param unlisted what the data set has beside the pairs that count, which no list shows
 * @param shown [users, items] what models are asked with, where that is more than what is known of these pairs
 * @param most users in the sample
 */
export function createValidation(
  split: Split,
  patience: number,
  rng: Rng,
  unlisted: Unlisted,
  shown = askedWith(split, historyFor(split, 'validation')),
  most = MAX_USERS,
): ModelValidation | undefined {
  const { known, heldOut, hidden } = maskedFor(split, unlisted, 'validation');
  const users = rng.shuffle(evaluatedUsers(heldOut)).subarray(0, most);
  if (users.length === 0) return undefined;
  const size = batchSizeFor(shown.columns);
  const data = {
    histories: selectRows(shown, users),
    known: selectRows(known, users),
    heldOut: selectRows(heldOut, users),
    hidden,
    popularity: columnSums(split.train),
  };
  return {
    async metric(scores: (histories: Csr) => Float32Array) {
      const { outcomes } = await evaluate([{ name: 'validated', scores }], data, {
        ...{ ks: [K], losses: false, batchSize: size },
        // It may take seconds: messages are let in.
        onBatch: () => breathe(),
      });
      const ndcg = outcomes[0]!.metrics[`ndcg@${K}`]!;
      return ndcg.reduce((sum, x) => sum + x, 0) / ndcg.length;
    },
    async metricOfSome(scores) {
      const all = evaluatedUsers(data.heldOut);
      const ndcgOf = createNdcgOfSome(data, K);
      let sum = 0;
      for (let from = 0; from < all.length; from += size) {
        const batch = all.subarray(from, from + size);
        const some = scores(selectRows(data.histories, batch));
        for (const [row, user] of batch.entries()) sum += ndcgOf(some, row, user);
      }
      return sum / all.length;
    },
    every: 1,
    patience,
  };
}

/**
 * Makes that metric for the curve of a student that is not validated, on so few users that it costs no more than a tenth of an
 * epoch. The student is asked with training pairs alone, but it may have been taught on histories with the validation pairs in
 * them: then the curve also tells how well it remembers those.
 */
export function createMeasurement(
  split: Split,
  rng: Rng,
  unlisted: Unlisted,
  shown?: Csr,
): ModelValidation['metric'] | undefined {
  const most = measuredUsers(evaluatedUsers(split.train).length);
  return createValidation(split, 0, rng, unlisted, shown, Math.min(MAX_USERS, most))?.metric;
}
