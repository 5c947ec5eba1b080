import type { Context } from '../backend/context.ts';
import { type SparseRows, transposeRows } from '../sparse/rows.ts';
import { CONTROL_BYTES, createCrew } from './crew.ts';
import { paddedRows, paddedWidth, scratchBytes } from './kernel.ts';
import { allocate, putRows, takeRows } from './memory.ts';
import type { Ridge } from './ridge.ts';
import { turnOf } from './turn.ts';
import { gramParts } from './work.ts';

/** Called about ten times a second with the share that is done; what it throws ends the work. */
export type RoundStep = (share: number) => Promise<void> | void;

export interface Alternating {
  /**
   * Solves the vectors of all rows for given columns, and then those of the columns for given rows. After what `step` threw,
   * the factors are between two rounds and worth nothing.
   */
  round(step: RoundStep): Promise<void>;
  /** [columns, d] as they are now. */
  columns(): Float32Array;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Multiplications in a round beyond which threads are worth their start. */
const WORTH_THREADS = 5e7;

/**
 * Alternating ridge regressions on the pairs, some steps of conjugate gradients each (Takács, Pilászy & Tikk, RecSys 2011), with
 * weight a0 on every pair that is not observed. Before each half the fixed side is turned to the eigenvectors of its Gram matrix:
 * with that matrix diagonal a step costs 2 d multiplications per pair and none per row, and the diagonal preconditions it, so that
 * three steps from zero end where exact solutions do. The result is the same to the last bit for every number of threads.
 *
 * @param start [columns, d] the columns' vectors to begin with
 * @param steps of conjugate gradients for each side in each round
 * @throws out-of-memory where factors and pairs take more than 4 GiB
 */
export function createAlternating(
  context: Context,
  pairs: SparseRows,
  start: Float32Array,
  { unobservedWeight, regularization }: Ridge,
  steps: number,
  threads = context.report.threads,
  worthThreads = WORTH_THREADS,
): Alternating {
  const rows = pairs.indptr.length - 1;
  const { columns } = pairs;
  const d = start.length / columns;
  const width = paddedWidth(d);
  const isLarge = (pairs.indices.length * 14 + (rows + columns) * 2 * d) * d >= worthThreads;
  const members = isLarge ? threads : 0;
  const count = pairs.indices.length;
  const { memory, at } = allocate({
    control: CONTROL_BYTES,
    scratch: scratchBytes(width) * Math.max(1, members),
    rows: paddedRows(rows) * width * 4,
    columns: paddedRows(columns) * width * 4,
    gram: Math.max(gramParts(rows), gramParts(columns)) * width * width * 4,
    panels: width * width * 4,
    spectrum: width * 4,
    rowStarts: (rows + 1) * 4,
    columnIds: count * 4,
    rowValues: count * 4,
    columnStarts: (columns + 1) * 4,
    rowIds: count * 4,
    columnValues: count * 4,
  });
  const { buffer } = memory;
  const takers = transposeRows(pairs);
  new Int32Array(buffer, at.rowStarts).set(pairs.indptr);
  new Int32Array(buffer, at.columnIds).set(pairs.indices);
  new Float32Array(buffer, at.rowValues).set(pairs.values);
  new Int32Array(buffer, at.columnStarts).set(takers.indptr);
  new Int32Array(buffer, at.rowIds).set(takers.indices);
  new Float32Array(buffer, at.columnValues).set(takers.values);
  putRows(memory, at.columns, start, d, width);

  const ofRows = {
    ...{ solved: at.rows, count: rows, factors: at.columns, others: columns },
    ...{ indptr: at.rowStarts, indices: at.columnIds, values: at.rowValues },
  };
  const ofColumns = {
    ...{ solved: at.columns, count: columns, factors: at.rows, others: rows },
    ...{ indptr: at.columnStarts, indices: at.rowIds, values: at.columnValues },
  };
  const crew = createCrew({ memory, width, control: at.control, scratch: at.scratch }, members);

  async function half({ others, ...side }: typeof ofRows, step: RoundStep): Promise<void> {
    await step(0);
    const sums = new Float32Array(buffer, at.gram, gramParts(others) * width * width).fill(0);
    const fixed = { rows: side.factors, count: others, width };
    await crew.run({ kind: 'gram', ...fixed, out: at.gram }, () => step(0));
    const { spectrum, panels } = turnOf(context, sums, others, d, width, unobservedWeight);
    new Float32Array(buffer, at.panels).set(panels);
    new Float32Array(buffer, at.spectrum).set(spectrum);
    const turned = { kind: 'turn', rows: side.factors, count: paddedRows(others) } as const;
    await crew.run({ ...turned, width, panels: at.panels }, () => step(0));
    const equations = {
      ...{ ...side, spectrum: at.spectrum, steps, enough: 0 },
      ...{ ridge: regularization, base: unobservedWeight * others },
    };
    await crew.run({ kind: 'solve', ...equations }, step);
    await step(1);
  }

  return {
    async round(step) {
      await half(ofRows, (share) => step(share / 2));
      await half(ofColumns, (share) => step(0.5 + share / 2));
    },
    columns: () => takeRows(memory, at.columns, columns, d, width),
    close: crew.close,
  };
}
