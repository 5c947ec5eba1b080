/**
 * A sparse matrix in compressed rows: the columns of row r are indices[indptr[r] .. indptr[r+1]), ascending, with
 * their values beside them.
 */
export interface Csr {
  rows: number;
  columns: number;
  /** [rows + 1] */
  indptr: Int32Array;
  /** [nnz] */
  indices: Int32Array;
  /** [nnz] */
  values: Float32Array;
  /**
   * [nnz] the place of each pair in its user's history, the oldest first; only where order matters. Places of one row
   * differ, and parts of one matrix keep the places of the whole, so that their union is in order again.
   */
  order?: Int32Array;
  /** [rows] which rows of the data set's matrix these are; absent where they are all of them, in their order. */
  rowIds?: Int32Array;
  /** [rows, columns] what is said of the users behind the rows beside their histories; it goes along with them. */
  side?: Csr;
  /** [rows, columns] what the users behind the rows dislike, see disliked-histories.ts; it goes along with them. */
  disliked?: Csr;
}

/** The row of the data set's matrix behind a row. */
export function rowIdOf({ rowIds }: Csr, row: number): number {
  return rowIds ? rowIds[row]! : row;
}

export function emptyCsr(rows: number, columns: number): Csr {
  return {
    rows,
    columns,
    indptr: new Int32Array(rows + 1),
    indices: new Int32Array(0),
    values: new Float32Array(0),
  };
}

export function rowLength(m: Csr, row: number): number {
  return m.indptr[row + 1]! - m.indptr[row]!;
}

/** The matrix with room for more columns, which are empty. */
export function widened(m: Csr, columns: number): Csr {
  return { ...m, columns };
}

/** The columns of a row: a view. */
export function rowItems(m: Csr, row: number): Int32Array {
  return m.indices.subarray(m.indptr[row]!, m.indptr[row + 1]!);
}

/** The given rows, in the given order, as a matrix of their own. */
export function selectRows(m: Csr, rows: ArrayLike<number>): Csr {
  const indptr = new Int32Array(rows.length + 1);
  for (let r = 0; r < rows.length; r++) indptr[r + 1] = indptr[r]! + rowLength(m, rows[r]!);
  const nnz = indptr[rows.length]!;
  const indices = new Int32Array(nnz);
  const values = new Float32Array(nnz);
  const order = m.order && new Int32Array(nnz);
  for (let r = 0; r < rows.length; r++) {
    const from = m.indptr[rows[r]!]!;
    const to = m.indptr[rows[r]! + 1]!;
    indices.set(m.indices.subarray(from, to), indptr[r]!);
    values.set(m.values.subarray(from, to), indptr[r]!);
    order?.set(m.order!.subarray(from, to), indptr[r]!);
  }
  const rowIds = Int32Array.from(rows, (row) => rowIdOf(m, row));
  const beside = {
    ...(m.side && { side: selectRows(m.side, rows) }),
    ...(m.disliked && { disliked: selectRows(m.disliked, rows) }),
  };
  return withOrder(
    { rows: rows.length, columns: m.columns, indptr, indices, values, rowIds, ...beside },
    order,
  );
}

/** The rows of one matrix and then those of another. */
export function stackRows(a: Csr, b: Csr): Csr {
  const joined = <T extends Int32Array | Float32Array>(made: T, x: T, y: ArrayLike<number>): T => {
    made.set(x);
    made.set(y, x.length);
    return made;
  };
  const nnz = a.indices.length + b.indices.length;
  return {
    rows: a.rows + b.rows,
    columns: a.columns,
    indptr: joined(
      new Int32Array(a.rows + b.rows + 1),
      a.indptr,
      b.indptr.subarray(1).map((end) => a.indices.length + end),
    ),
    indices: joined(new Int32Array(nnz), a.indices, b.indices),
    values: joined(new Float32Array(nnz), a.values, b.values),
  };
}

/** Keeps the entries for which `keep(position)` holds; rows may become empty. */
export function filterEntries(m: Csr, keep: (position: number) => boolean): Csr {
  const indptr = new Int32Array(m.rows + 1);
  const indices = new Int32Array(m.indices.length);
  const values = new Float32Array(m.indices.length);
  const order = m.order && new Int32Array(m.indices.length);
  let n = 0;
  for (let r = 0; r < m.rows; r++) {
    for (let p = m.indptr[r]!; p < m.indptr[r + 1]!; p++) {
      if (!keep(p)) continue;
      indices[n] = m.indices[p]!;
      if (order) order[n] = m.order![p]!;
      values[n++] = m.values[p]!;
    }
    indptr[r + 1] = n;
  }
  return trimmed(withOrder({ ...m, indptr, indices, values }, order));
}

/** Columns as rows, by counting: linear in the entries. */
export function transpose(m: Csr): Csr {
  const indptr = new Int32Array(m.columns + 1);
  for (const column of m.indices) indptr[column + 1]!++;
  for (let c = 0; c < m.columns; c++) indptr[c + 1]! += indptr[c]!;
  const next = indptr.slice(0, m.columns);
  const indices = new Int32Array(m.indices.length);
  const values = new Float32Array(m.indices.length);
  for (let r = 0; r < m.rows; r++) {
    for (let p = m.indptr[r]!; p < m.indptr[r + 1]!; p++) {
      const at = next[m.indices[p]!]!++;
      indices[at] = r;
      values[at] = m.values[p]!;
    }
  }
  return { rows: m.columns, columns: m.rows, indptr, indices, values };
}

/** Sum of each column's values, [columns]. */
export function columnSums(m: Csr): Float32Array {
  const sums = new Float32Array(m.columns);
  for (let p = 0; p < m.indices.length; p++) sums[m.indices[p]!]! += m.values[p]!;
  return sums;
}

/**
 * Both matrices' entries; where both have one, the greater value and a's place. Columns stay ascending. The order
 * stays where every entry has one.
 */
export function unionRows(a: Csr, b: Csr): Csr {
  const indptr = new Int32Array(a.rows + 1);
  const indices = new Int32Array(a.indices.length + b.indices.length);
  const values = new Float32Array(indices.length);
  const ordered = [a, b].every((m) => m.order || m.indices.length === 0) && (a.order ?? b.order);
  const order = ordered ? new Int32Array(indices.length) : undefined;
  let n = 0;
  for (let r = 0; r < a.rows; r++) {
    let i = a.indptr[r]!;
    let j = b.indptr[r]!;
    const endA = a.indptr[r + 1]!;
    const endB = b.indptr[r + 1]!;
    while (i < endA || j < endB) {
      const columnA = i < endA ? a.indices[i]! : a.columns;
      const columnB = j < endB ? b.indices[j]! : a.columns;
      indices[n] = Math.min(columnA, columnB);
      if (order) order[n] = columnA <= columnB ? a.order![i]! : b.order![j]!;
      values[n++] = Math.max(
        columnA <= columnB ? a.values[i++]! : Number.NEGATIVE_INFINITY,
        columnB <= columnA ? b.values[j++]! : Number.NEGATIVE_INFINITY,
      );
    }
    indptr[r + 1] = n;
  }
  return trimmed(withOrder({ ...a, indptr, indices, values }, order));
}

function withOrder({ order: _, ...m }: Csr, order: Int32Array | undefined): Csr {
  return order ? { ...m, order } : m;
}

/** The entries of `a` that `b` has too, with the values of `a`. */
export function commonRows(a: Csr, b: Csr): Csr {
  return filterEntries(a, createLookup(a, b));
}

/** The entries of `a` that `b` does not have. */
export function exceptRows(a: Csr, b: Csr): Csr {
  const isCommon = createLookup(a, b);
  return filterEntries(a, (p) => !isCommon(p));
}

/** Makes a function that says whether `b` has the entry at a position of `a`; positions must be asked in order. */
function createLookup(a: Csr, b: Csr): (position: number) => boolean {
  let row = 0;
  let j = 0;
  return (p) => {
    while (p >= a.indptr[row + 1]!) {
      row++;
      j = b.indptr[row]!;
    }
    while (j < b.indptr[row + 1]! && b.indices[j]! < a.indices[p]!) j++;
    return j < b.indptr[row + 1]! && b.indices[j] === a.indices[p];
  };
}

/** Gives back what was set aside for entries that did not come. */
function trimmed(m: Csr): Csr {
  const nnz = m.indptr[m.rows]!;
  const whole = { ...m, indices: m.indices.slice(0, nnz), values: m.values.slice(0, nnz) };
  return withOrder(whole, m.order?.slice(0, nnz));
}

/** a b, [a.rows, b.columns]; entries that become 0 stay. */
export function multiplyRows(a: Csr, b: Csr): Csr {
  const indptr = new Int32Array(a.rows + 1);
  const columns: number[] = [];
  const values: number[] = [];
  const sums = new Float64Array(b.columns);
  const row = new Set<number>();
  for (let r = 0; r < a.rows; r++) {
    for (let p = a.indptr[r]!; p < a.indptr[r + 1]!; p++) {
      const middle = a.indices[p]!;
      for (let q = b.indptr[middle]!; q < b.indptr[middle + 1]!; q++) {
        row.add(b.indices[q]!);
        sums[b.indices[q]!]! += a.values[p]! * b.values[q]!;
      }
    }
    for (const column of [...row].sort((x, y) => x - y)) {
      columns.push(column);
      values.push(sums[column]!);
      sums[column] = 0;
    }
    row.clear();
    indptr[r + 1] = columns.length;
  }
  return {
    rows: a.rows,
    columns: b.columns,
    indptr,
    indices: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
}
