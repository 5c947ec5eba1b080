import { quantizeRows } from '../artifact/student/quantize.ts';
import { isTied, type StoredRows, type StudentWeights } from '../artifact/student/student-weights.ts';
import { composeRows, type Table } from '../features/compose.ts';
import type { Bags } from '../features/encoding.ts';

/** A student with rows for items that training did not know, behind those of the others. */
export interface LongerStudent extends StudentWeights {
  /** The rows of E_out without what only ranking needs: by them items are compared. */
  alike: StoredRows;
}

/**
 * Makes rows of what is said of new items, at a popularity of 0. Of students that have a map from features of items.
 * @param bags [new items, columns] in the student's own encoding
 */
export function withNewItems(weights: StudentWeights, bags: Bags): LongerStudent {
  const { itemsOut, itemsIn, itemBias, entry } = weights.features!.items!;
  const alike = longer(weights.itemsOut, itemsOut, bags);
  return {
    ...weights,
    alike,
    itemsOut: entry ? longer(weights.itemsOut, itemsOut, bags, entry) : alike,
    itemsIn: isTied(weights) ? alike : longer(weights.itemsIn, itemsIn, bags),
    itemBias: joined(weights.itemBias, composeRows({ width: 1, values: itemBias }, bags)),
    popularity: joined(weights.popularity, new Float32Array(bags.rows)),
  };
}

function longer(
  { rows, width, q, scale }: StoredRows,
  table: Table,
  bags: Bags,
  entry: Float32Array = new Float32Array(width),
): StoredRows {
  const values = composeRows(table, bags).map((value, i) => value + entry[i % width]!);
  const added = quantizeRows(values, bags.rows, width, 'int8');
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
