import { type Csr, transpose } from '../../dataset/matrix.ts';
import { positionsInOrder } from '../../dataset/split/places.ts';

/** A fading by which items count before and after a place of a history; what fades below `LEAST` is left out. */
export interface Fading {
  /** Weight of an item before the place by that of the one after it. */
  recency: number;
  /** Weight of an item after the place by that of the one before it. */
  horizon: number;
}

const LEAST = 0.02;

/** Histories cut in two at every place between two items: one row of each for every cut. */
export interface PartialSessions {
  before: Csr;
  after: Csr;
}

/**
 * The partial sessions of Choi et al. (WWW 2021, section 4.2): at every place of every history what came before and what came after,
 * both fading with the distance. An item after the place counts by its own weight, too.
 */
export function partialSessions(histories: Csr, { recency, horizon }: Fading): PartialSessions {
  const before = createRows(histories.columns);
  const after = createRows(histories.columns);
  for (let row = 0; row < histories.rows; row++) {
    const places = positionsInOrder(histories, row);
    for (let cut = 1; cut < places.length; cut++) {
      let weight = 1;
      for (let at = cut - 1; at >= 0 && weight >= LEAST; at--, weight *= recency)
        before.add(histories.indices[places[at]!]!, weight);
      weight = 1;
      for (let at = cut; at < places.length && weight >= LEAST; at++, weight *= horizon)
        after.add(histories.indices[places[at]!]!, weight * histories.values[places[at]!]!);
      before.end();
      after.end();
    }
  }
  return { before: before.csr(), after: after.csr() };
}

function createRows(columns: number) {
  const indptr = [0];
  const [indices, values]: [number[], number[]] = [[], []];
  let row: { item: number; value: number }[] = [];
  return {
    add: (item: number, value: number) => void row.push({ item, value }),
    end() {
      for (const { item, value } of row.sort((a, b) => a.item - b.item)) {
        indices.push(item);
        values.push(value);
      }
      indptr.push(indices.length);
      row = [];
    },
    csr: (): Csr => ({
      ...{ rows: indptr.length - 1, columns },
      indptr: Int32Array.from(indptr),
      indices: Int32Array.from(indices),
      values: Float32Array.from(values),
    }),
  };
}

/** a'b without its diagonal, [columns, columns]: how often each item came after each other one. */
export function crossProduct(a: Csr, b: Csr): Csr {
  const { columns } = a;
  const byItem = transpose(a);
  const sums = new Float64Array(columns);
  const indptr = new Int32Array(columns + 1);
  const [indices, values]: [number[], number[]] = [[], []];
  for (let item = 0; item < columns; item++) {
    const touched = new Set<number>();
    for (let p = byItem.indptr[item]!; p < byItem.indptr[item + 1]!; p++) {
      const row = byItem.indices[p]!;
      for (let q = b.indptr[row]!; q < b.indptr[row + 1]!; q++) {
        const other = b.indices[q]!;
        if (other === item) continue;
        touched.add(other);
        sums[other]! += byItem.values[p]! * b.values[q]!;
      }
    }
    for (const other of [...touched].sort((x, y) => x - y)) {
      indices.push(other);
      values.push(sums[other]!);
      sums[other] = 0;
    }
    indptr[item + 1] = indices.length;
  }
  return {
    rows: columns,
    columns,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}
