import type { Rng } from '../../core/rng.ts';
import { type Csr, filterEntries } from '../../dataset/matrix.ts';
import { distinctItems } from '../../dataset/samples.ts';
import { valueAt } from '../../domain/base/scheduled.ts';
import type { LossSettings } from '../../domain/losses/loss-spec.ts';
import type { StudentOutput } from '../../student/network.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { CataloguePart } from '../lists/step.ts';
import type { BatchLists } from './batch-lists.ts';

/** Ranks beyond so many temperatures hold a twentieth of the shares, and are left out. */
export const TEMPERATURES = 3;

/** Returns the places of lists that a part holds, of ranks that are wanted less and less. */
export function placesInPart(losses: readonly LossSettings[], progress: number): number {
  const places = losses.map((loss) =>
    loss.kind === 'rankLabels'
      ? Math.min(loss.top, Math.ceil(TEMPERATURES * valueAt(loss.temperature, progress)))
      : 0,
  );
  return Math.max(0, ...places);
}

/**
 * Chooses the part of one batch: all that is wanted or on a list of any of its users, and a sample of the rest, each item of which
 * stands for as many as were left out (the correction by log Q of Bengio & Senécal 2008, for a uniform Q).
 * @param lists cut to the places that count
 */
export function choosePart(
  { wanted, lists, top }: { wanted: readonly Csr[]; lists: readonly BatchLists[]; top: number },
  items: number,
  samples: number,
  rng: Rng,
): CataloguePart {
  const isIn = new Uint8Array(items);
  for (const { indices } of wanted) for (const item of indices) isIn[item] = 1;
  for (const { ids, lengths, width } of lists)
    lengths.forEach((length, row) => {
      for (let rank = 0; rank < length; rank++) isIn[ids[row * width + rank]!] = 1;
    });
  const asked = isIn.reduce((sum, one) => sum + one, 0);
  const rest = items - asked;
  const drawn = distinctItems(items, Math.min(items, samples), rng).filter((item) => isIn[item] === 0);
  for (const item of drawn) isIn[item] = 2;
  const ids = Int32Array.from(isIn.keys()).filter((item) => isIn[item]! > 0);
  const places = new Int32Array(items).fill(-1);
  ids.forEach((item, place) => {
    places[item] = place;
  });
  const each = drawn.length > 0 ? Math.log(rest / drawn.length) : 0;
  return { ids, places, corrections: Float32Array.from(ids, (item) => (isIn[item] === 2 ? each : 0)), top };
}

/** The entries that are in the part, by their places, [rows, C]. */
export function rowsInPart(matrix: Csr, { ids, places }: CataloguePart): Csr {
  const inside = filterEntries(matrix, (p) => places[matrix.indices[p]!]! >= 0);
  return { ...inside, columns: ids.length, indices: inside.indices.map((item) => places[item]!) };
}

/** The lists by places in the part. @param lists no longer than the part's places */
export function listsInPart(lists: BatchLists, { places }: CataloguePart): BatchLists {
  return { ...lists, ids: lists.ids.map((item) => Math.max(0, places[item]!)) };
}

/** The student's answer over the part, as if there were no other items. */
export function outputInPart(
  engine: Engine,
  output: StudentOutput,
  { ids, corrections }: CataloguePart,
): StudentOutput {
  const { tf } = engine;
  const { items, itemBias } = output;
  const added = tf.tensor1d(corrections);
  const bias =
    itemBias && tf.squeeze(engine.gatherRows(tf.reshape(itemBias, [items.shape[0]!, 1]), ids), [1]);
  return {
    ...output,
    items: engine.gatherRows(items, ids),
    itemBias: (bias ? tf.add(bias, added) : added) as Tensor,
  };
}
