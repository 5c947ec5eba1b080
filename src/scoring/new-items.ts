import { quantizeRows } from '../artifact/student/quantize.ts';
import type { ItemFeatureWeights, StoredRows, StudentWeights } from '../artifact/student/student-weights.ts';
import { composeRows } from '../features/compose.ts';
import type { Bags } from '../features/encoding.ts';

/**
 * The student with rows for items that training did not know, behind those of the others: made of what is said of them, at a
 * popularity of 0. Of students that read features of items.
 * @param bags [new items, columns] in the student's own encoding
 */
export function withNewItems(weights: StudentWeights, bags: Bags): StudentWeights {
  const { items } = weights.features!;
  const itemsOut = longer(weights.itemsOut, items!.itemsOut, bags);
  return {
    ...weights,
    itemsOut,
    itemsIn: weights.itemsIn === weights.itemsOut ? itemsOut : longer(weights.itemsIn, items!.itemsIn, bags),
    itemBias: joined(weights.itemBias, composeRows({ width: 1, values: items!.itemBias }, bags)),
    popularity: joined(weights.popularity, new Float32Array(bags.rows)),
  };
}

function longer(
  { rows, width, q, scale }: StoredRows,
  table: ItemFeatureWeights['itemsOut'],
  bags: Bags,
): StoredRows {
  const added = quantizeRows(composeRows(table, bags), bags.rows, width, 'int8');
  const all = new Int8Array(q.length + added.q.length);
  all.set(q);
  all.set(added.q, q.length);
  return { rows: rows + bags.rows, width, q: all, scale: joined(scale, added.scale) };
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
