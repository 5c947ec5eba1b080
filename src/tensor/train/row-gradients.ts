import type { Context, Tensor } from '../backend/context.ts';
import { sumByRow } from '../sparse/sum-by-row.ts';

interface LookupGradient {
  ids: Int32Array;
  /** [ids.length, d] */
  gradient: Tensor;
}

/**
 * Adds up the gradients of all lookups into one table of `count` rows: rows by distinct id, or, when the table was also used
 * as a whole (`dense`) or all rows are to be updated, one dense gradient. Takes ownership of every gradient given.
 */
export function mergeLookups(
  context: Context,
  found: readonly LookupGradient[],
  count: number,
  rowUpdates: 'touched' | 'all',
  dense?: Tensor,
): { dense?: Tensor; sparse?: { ids: Tensor; rows: Tensor } } {
  const { tf } = context;
  const merged = tf.tidy(() => {
    const rows = found.length === 1 ? found[0]!.gradient : tf.concat(found.map(({ gradient }) => gradient));
    if (dense || rowUpdates === 'all') {
      const whole = sumByRow(context, rows, tf.tensor1d(concatIds(found), 'int32'), count);
      return { dense: dense ? tf.add(dense, whole) : whole };
    }
    const { distinct, group } = groupIds(found, count);
    return {
      ids: tf.tensor1d(distinct, 'int32'),
      rows:
        distinct.length === group.length && found.length === 1 && inOrder(group)
          ? rows.clone()
          : sumByRow(context, rows, tf.tensor1d(group, 'int32'), distinct.length),
    };
  }) as { dense?: Tensor; ids?: Tensor; rows?: Tensor };
  for (const { gradient } of found) gradient.dispose();
  dense?.dispose();
  if (merged.dense) return { dense: merged.dense };
  return { sparse: { ids: merged.ids!, rows: merged.rows! } };
}

function concatIds(found: readonly LookupGradient[]): Int32Array {
  const all = new Int32Array(found.reduce((sum, { ids }) => sum + ids.length, 0));
  let at = 0;
  for (const { ids } of found) {
    all.set(ids, at);
    at += ids.length;
  }
  return all;
}

/** Distinct ids in order of first appearance, and for every lookup the place of its id among them. */
function groupIds(
  found: readonly LookupGradient[],
  count: number,
): { distinct: Int32Array; group: Int32Array } {
  const all = concatIds(found);
  const place = new Int32Array(count).fill(-1);
  const distinct = new Int32Array(Math.min(all.length, count));
  const group = new Int32Array(all.length);
  let size = 0;
  for (let i = 0; i < all.length; i++) {
    const id = all[i]!;
    if (place[id]! < 0) {
      place[id] = size;
      distinct[size++] = id;
    }
    group[i] = place[id]!;
  }
  return { distinct: distinct.slice(0, size), group };
}

function inOrder(group: Int32Array): boolean {
  for (let i = 0; i < group.length; i++) if (group[i] !== i) return false;
  return true;
}
