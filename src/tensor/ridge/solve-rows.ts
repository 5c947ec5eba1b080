import { problem } from '../../core/errors.ts';
import type { Context } from '../backend/context.ts';
import type { SparseRows } from '../sparse/rows.ts';
import { instantiateRidge, paddedRows, paddedWidth, scratchBytes } from './kernel.ts';
import { allocate, growTo, putRows, takeRows } from './memory.ts';
import type { Ridge } from './ridge.ts';
import { turnedBack, turnOf } from './turn.ts';
import { gramParts, partsOf, runPart, type Work } from './work.ts';

export interface RowSolver {
  /** The vectors of these rows, [rows, d]; zero for a row without pairs. */
  solve(observed: SparseRows): Float32Array;
}

/** Rows and pairs that are solved in one go, which bounds the memory. */
const ROWS_AT_ONCE = 4096;
const PAIRS_AT_ONCE = 1 << 20;
/** A row is done when this share of its squared residual is left. */
const ENOUGH = 1e-11;
const MOST_STEPS = 200;

/**
 * Solves ridge regressions for given factors Y of the columns: the vectors u with
 *
 *   (sum_j x_j y_j y_j' + a0 Y'Y + l (n + a0 N) I) u = sum_j x_j y_j
 *
 * which is what iALS looks for (Rendle et al., RecSys 2022, with the regularisation scaled by frequency) and, with the trained
 * item factors, the vector of a user who was never seen. Preconditioned conjugate gradients to the end, as createAlternating does
 * a few steps of them.
 *
 * @param factors [columns, d]
 */
export function createRowSolver(
  context: Context,
  factors: Float32Array,
  d: number,
  { unobservedWeight, regularization }: Ridge,
): RowSolver {
  const columns = factors.length / d;
  const width = paddedWidth(d);
  const { memory, at } = allocate(
    {
      scratch: scratchBytes(width),
      factors: paddedRows(columns) * width * 4,
      gram: gramParts(columns) * width * width * 4,
      panels: width * width * 4,
      back: width * width * 4,
      spectrum: width * 4,
      batch: 0,
    },
    true,
  );
  const kernel = instantiateRidge(memory, width, at.scratch);
  const run = (work: Work) => {
    for (let part = 0; part < partsOf(work); part++) runPart(kernel, work, part);
  };
  putRows(memory, at.factors, factors, d, width);
  run({ kind: 'gram', rows: at.factors, count: columns, width, out: at.gram });
  const sums = new Float32Array(memory.buffer, at.gram, gramParts(columns) * width * width);
  const turn = turnOf(context, sums, columns, d, width, unobservedWeight);
  new Float32Array(memory.buffer, at.panels).set(turn.panels);
  new Float32Array(memory.buffer, at.back).set(turnedBack(turn, width));
  new Float32Array(memory.buffer, at.spectrum).set(turn.spectrum);
  run({ kind: 'turn', rows: at.factors, count: paddedRows(columns), width, panels: at.panels });

  /** Rows from..to, which hold no more than fits. */
  function solveSome({ indptr, indices, values }: SparseRows, from: number, to: number): Float32Array {
    const rows = to - from;
    const [first, last] = [indptr[from]!, indptr[to]!];
    const solved = at.batch;
    const starts = solved + paddedRows(rows) * width * 4;
    const ids = starts + (rows + 1) * 4;
    const weights = ids + (last - first) * 4;
    growTo(memory, weights + (last - first) * 4);
    const { buffer } = memory;
    new Float32Array(buffer, solved, paddedRows(rows) * width).fill(0);
    new Int32Array(buffer, starts).set(indptr.subarray(from, to + 1).map((place) => place - first));
    new Int32Array(buffer, ids).set(indices.subarray(first, last));
    new Float32Array(buffer, weights).set(values.subarray(first, last));
    run({
      ...({ kind: 'solve', solved, count: rows, factors: at.factors } as const),
      ...{ indptr: starts, indices: ids, values: weights, spectrum: at.spectrum },
      ...{ ridge: regularization, base: unobservedWeight * columns, steps: MOST_STEPS, enough: ENOUGH },
    });
    run({ kind: 'turn', rows: solved, count: paddedRows(rows), width, panels: at.back });
    return takeRows(memory, solved, rows, d, width);
  }

  return {
    solve(observed) {
      if (observed.columns !== columns) {
        throw problem(
          'invalid-training-input',
          `the rows to solve have ${observed.columns} columns, the factors ${columns}`,
        );
      }
      const { indptr } = observed;
      const rows = indptr.length - 1;
      const out = new Float32Array(rows * d);
      for (let from = 0, to = 0; from < rows; from = to) {
        do to++;
        while (to < rows && to - from < ROWS_AT_ONCE && indptr[to + 1]! - indptr[from]! <= PAIRS_AT_ONCE);
        out.set(solveSome(observed, from, to), from * d);
      }
      return out;
    },
  };
}
