import { type RidgeKernel, ROWS_AT_ONCE } from './kernel.ts';

/** Sums over rows are made of so many parts at most, whatever the number of threads: so they are always the same. */
const MOST_GRAM_PARTS = 64;
const LEAST_GRAM_ROWS = 512;
/** Rows that a thread solves before it asks for more. */
const SOLVED_AT_ONCE = 32;

/** Places are byte offsets into the shared memory; see kernel/ridge.ts. */
export type Work =
  /** Y'Y of `count` rows, part by part into squares at `out`, which are zero before. */
  | { kind: 'gram'; rows: number; count: number; width: number; out: number }
  /** Multiplies rows by the square in `panels`, in place. */
  | { kind: 'turn'; rows: number; count: number; width: number; panels: number }
  | ({ kind: 'solve'; solved: number; count: number } & Equations);

/** See solveRows in kernel/ridge.ts. */
export interface Equations {
  factors: number;
  indptr: number;
  indices: number;
  values: number;
  spectrum: number;
  ridge: number;
  base: number;
  steps: number;
  enough: number;
}

export const gramParts = (rows: number): number =>
  Math.max(1, Math.min(MOST_GRAM_PARTS, Math.ceil(rows / LEAST_GRAM_ROWS)));

/** Number of parts that can be done in any order and by any thread. */
export function partsOf(work: Work): number {
  if (work.kind === 'gram') return gramParts(work.count);
  return Math.ceil(work.count / (work.kind === 'turn' ? ROWS_AT_ONCE : SOLVED_AT_ONCE));
}

export function runPart(kernel: RidgeKernel, work: Work, part: number): void {
  if (work.kind === 'gram') {
    const size = Math.ceil(work.count / gramParts(work.count));
    const to = Math.min(work.count, (part + 1) * size);
    kernel.addGram(work.rows, part * size, to, work.out + part * work.width ** 2 * 4);
  } else if (work.kind === 'turn') {
    const from = part * ROWS_AT_ONCE;
    const count = Math.min(ROWS_AT_ONCE, work.count - from);
    kernel.turnRows(work.rows + from * work.width * 4, count, work.panels);
  } else {
    const from = part * SOLVED_AT_ONCE;
    const to = Math.min(work.count, from + SOLVED_AT_ONCE);
    const { solved, factors, indptr, indices, values, spectrum, ridge, base, steps, enough } = work;
    kernel.solveRows(
      ...([solved, from, to, factors, indptr, indices, values] as const),
      ...([spectrum, ridge, base, steps, enough] as const),
    );
  }
}
