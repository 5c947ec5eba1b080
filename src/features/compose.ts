import type { Bag, Bags } from './encoding.ts';

/** A matrix whose rows belong to the columns of an encoding, [columns, width]: in float32, or int8 with one scale per row. */
export type Table = { width: number } & ({ values: Float32Array } | { q: Int8Array; scale: Float32Array });

/** Adds the rows of the table that a bag names, each times its value, to `into`. */
export function addRows(table: Table, { columns, values }: Bag, into: Float32Array | Float64Array): void {
  const { width } = table;
  const numbers = 'q' in table ? table.q : table.values;
  for (let i = 0; i < columns.length; i++) {
    const start = columns[i]! * width;
    const factor = 'q' in table ? values[i]! * table.scale[columns[i]!]! : values[i]!;
    for (let k = 0; k < width; k++) into[k]! += factor * numbers[start + k]!;
  }
}

/** The bags times the table, [rows, width], added to `onto` where there is one. */
export function composeRows(
  table: Table,
  bags: Bags,
  onto: Float32Array = new Float32Array(bags.rows * table.width),
): Float32Array {
  const made = onto.slice();
  for (let row = 0; row < bags.rows; row++) {
    addRows(table, bagOf(bags, row), made.subarray(row * table.width, (row + 1) * table.width));
  }
  return made;
}

/** One row: views. */
export function bagOf({ indptr, indices, values }: Bags, row: number): Bag {
  const [from, to] = [indptr[row]!, indptr[row + 1]!];
  return { columns: indices.subarray(from, to), values: values.subarray(from, to) };
}
