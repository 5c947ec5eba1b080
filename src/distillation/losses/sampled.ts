import type { Rng } from '../../core/rng.ts';
import { type Csr, rowItems } from '../../dataset/matrix.ts';
import { distinctItems } from '../../dataset/samples.ts';
import type { Engine, Scalar } from '../../tensor/engine.ts';
import { HIDDEN_SCORE } from '../../tensor/loss/hide-entries.ts';
import type { BatchLists } from './batch-lists.ts';
import type { PreparedTerm } from './term.ts';

/** Items that all users of a batch share, to stand for the part of the catalogue that is on nobody's list. */
export interface Sample {
  /** [S] distinct items. */
  ids: Int32Array;
  /**
   * [B * S] what is added to a user's score of each: the log of how many items it stands for (the correction by log Q of
   * Bengio & Senécal 2008, for a uniform Q), or HIDDEN_SCORE for an item that is on the user's list or excluded.
   */
  corrections: Float32Array;
}

export function listedOrSampled(
  lists: BatchLists,
  excluded: Csr | undefined,
  items: number,
  samples: number,
  rng: Rng,
): Sample {
  const ids = distinctItems(items, Math.min(samples, items), rng);
  const batch = lists.lengths.length;
  const place = new Int32Array(items).fill(-1);
  ids.forEach((item, i) => {
    place[item] = i;
  });
  const corrections = new Float32Array(batch * ids.length);
  for (let row = 0; row < batch; row++) {
    const mine = corrections.subarray(row * ids.length, (row + 1) * ids.length);
    const listed = lists.ids.subarray(row * lists.width, row * lists.width + lists.lengths[row]!);
    const own = excluded ? rowItems(excluded, row) : new Int32Array(0);
    let gone = 0;
    let taken = 0;
    for (const item of [...listed, ...own]) {
      // An item that is listed and excluded counts once.
      if (place[item]! >= 0 && mine[place[item]!] === 0) {
        mine[place[item]!] = HIDDEN_SCORE;
        taken++;
      }
      gone++;
    }
    const left = ids.length - taken;
    const correction = left > 0 ? Math.log(Math.max(1, items - gone) / left) : 0;
    for (let i = 0; i < mine.length; i++) if (mine[i] === 0) mine[i] = correction;
  }
  return { ids, corrections };
}

/**
 * -sum_k target_k log( e^{z_k} / (sum over the list e^z + sum over the sample e^{z + correction}) ), z = scores / temperature,
 * times the temperature's square; mean over the users.
 */
export function sampledCrossEntropy(
  engine: Engine,
  lists: BatchLists,
  target: Float32Array,
  sample: Sample,
  temperature: number,
): PreparedTerm {
  const { tf } = engine;
  const shape: [number, number] = [lists.lengths.length, lists.width];
  const wanted = tf.tensor2d(target, shape);
  const unused = tf.tensor2d(
    target.map((share) => (share > 0 ? 0 : HIDDEN_SCORE)),
    shape,
  );
  const corrections = tf.tensor2d(sample.corrections, [shape[0], sample.ids.length]);
  return {
    value(student) {
      const listed = tf.mul(student.scoresAt(lists.ids), 1 / temperature);
      const others = tf.mul(student.scoresOf(sample.ids), 1 / temperature);
      const all = tf.concat([tf.add(listed, unused), tf.add(others, corrections)], 1);
      const rows = tf.sub(tf.mul(tf.logSumExp(all, 1), tf.sum(wanted, 1)), tf.sum(tf.mul(wanted, listed), 1));
      return tf.mul(tf.mean(rows), temperature ** 2) as Scalar;
    },
    dispose: () => tf.dispose([wanted, unused, corrections]),
  };
}
