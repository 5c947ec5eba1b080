import { setImmediate as breathe } from 'node:timers/promises';
import { quantizeRows } from '../../artifact/student/quantize.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { problem } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import { type Csr, columnSums, filterEntries, rowLength, selectRows } from '../../dataset/matrix.ts';
import { learnForStart } from '../../distillation/transfer/transfer-solved.ts';
import { solvedItems } from '../../student/solved-items.ts';
import type { TrainingContext } from '../../teacher/contract.ts';

export type Machine = Pick<TrainingContext, 'engine' | 'signal'>;

/** Pairs that it learns from at most; more would not change what is chosen on it. */
const MOST_PAIRS = 1_000_000;
const WIDTH = 64;
/** Size that its numbers get. */
const SIZE = 0.1;

/**
 * A student without a teacher (iALS whose users are solved; Hu et al., ICDM 2008) of some users and all but some items: to it the
 * others are as new as items that come tomorrow. A published student knows its items too well to be asked about them.
 *
 * @param histories [users, items] of those who are learned from
 * @param hidden rows of items that it must not know
 */
export async function trainSmallModel(
  { engine, signal }: Machine,
  histories: Csr,
  hidden: Int32Array,
  rng: Rng,
): Promise<StudentWeights> {
  const gone = new Uint8Array(histories.columns);
  for (const item of hidden) gone[item] = 1;
  const some = fewPairs(histories, rng);
  const pairs = filterEntries(some, (p) => gone[some.indices[p]!] === 0);
  const d = Math.min(WIDTH, Math.max(8, Math.floor(pairs.columns / 5)));
  const { items: factors, ridge } = await learnForStart(engine, pairs, d, rng, async () => {
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
    await breathe();
  });
  const { items, solver } = solvedItems(engine, factors, d, ridge, SIZE);
  const rows = quantizeRows(items, pairs.columns, d, 'int8');
  return {
    ...{ itemsIn: rows, itemsOut: rows, inner: null, solver },
    ...{ userBias: new Float32Array(d), itemBias: new Float32Array(pairs.columns) },
    popularity: columnSums(pairs),
    ...{ quantization: 'int8', normalization: 'none', activation: 'identity' },
  };
}

function fewPairs(histories: Csr, rng: Rng): Csr {
  if (histories.indices.length <= MOST_PAIRS) return histories;
  const rows: number[] = [];
  let pairs = 0;
  for (const row of rng.shuffle(Int32Array.from({ length: histories.rows }, (_, i) => i))) {
    pairs += rowLength(histories, row);
    if (pairs > MOST_PAIRS) break;
    rows.push(row);
  }
  return selectRows(histories, rows);
}
