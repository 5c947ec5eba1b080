import type { Context, Tensor } from '../backend/context.ts';
import { inverse } from './linalg.ts';
import { product } from './product.ts';

/** A symmetric matrix [n,n] as the blocks on and below its diagonal: blocks[i][j] with j <= i. */
export type SymmetricBlocks = Tensor[][];

/** Sides of the blocks that cut n rows into parts of at most `size`. */
export function blockStarts(n: number, size: number): number[] {
  return Array.from({ length: Math.ceil(n / size) + 1 }, (_, i) => Math.min(n, i * size));
}

/**
 * Replaces a symmetric positive definite matrix by its inverse, block by block: n^3 multiplications and no second matrix, so
 * that one fits that is half as large as the memory. Each pivot is swept in turn (Goodnight, The American Statistician 1979),
 * with blocks for numbers; its Schur complements stay positive definite, so no rows have to change places.
 *
 * @param afterPivot called after each of the blocks on the diagonal; what it throws ends the work, the blocks stay disposable
 * @param within called with the share of the pivot's work that is done, after each row of blocks; what it throws ends the work, too
 */
export async function invertBlocks(
  context: Context,
  blocks: SymmetricBlocks,
  afterPivot: () => Promise<void> | void,
  within: (share: number) => Promise<void> | void = () => {},
): Promise<void> {
  const { tf } = context;
  const count = blocks.length;
  for (let k = 0; k < count; k++) {
    await sweep(context, blocks, k, within);
    await afterPivot();
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) replace(blocks, i, j, tf.neg(blocks[i]![j]!));
  }
}

async function sweep(
  context: Context,
  blocks: SymmetricBlocks,
  k: number,
  within: (share: number) => Promise<void> | void,
): Promise<void> {
  const { tf } = context;
  const pivot = inverse(context, blocks[k]![k]!);
  const others = blocks.map((_, i) => i).filter((i) => i !== k);
  // Copies, because the column itself is overwritten below.
  const column = others.map((i) => (i > k ? tf.clone(blocks[i]![k]!) : tf.transpose(blocks[k]![i]!)));
  const scaled = column.map((c) => product(context, c, pivot));
  try {
    for (const [a, i] of others.entries()) {
      for (let b = 0; b <= a; b++) {
        const j = others[b]!;
        const change = () => product(context, scaled[a]!, column[b]!, false, true);
        replace(
          blocks,
          i,
          j,
          tf.tidy(() => tf.sub(blocks[i]![j]!, change())),
        );
      }
      // The work on the first rows is little: it grows with the square of their number.
      if (a + 1 < others.length) await within(((a + 1) / others.length) ** 2);
    }
    for (const [a, i] of others.entries()) {
      if (i > k) replace(blocks, i, k, tf.clone(scaled[a]!));
      else replace(blocks, k, i, tf.transpose(scaled[a]!));
    }
    replace(blocks, k, k, tf.neg(pivot));
  } finally {
    tf.dispose([pivot, ...column, ...scaled]);
  }
}

function replace(blocks: SymmetricBlocks, i: number, j: number, next: Tensor): void {
  blocks[i]![j]!.dispose();
  blocks[i]![j] = next;
}

/**
 * Rows of the full matrix, one tensor [rows of the block, n] per block; the blocks are released on the way. Each row of blocks is
 * given to `each` as soon as it is there, with the number of its first row, and what that returns stands in its place.
 */
export function unfoldBlocks(
  { tf }: Context,
  blocks: SymmetricBlocks,
  each: (rows: Tensor, first: number) => Tensor = (rows) => rows,
): Tensor[] {
  const count = blocks.length;
  let first = 0;
  return blocks.map((row, i) => {
    const rows = tf.tidy(() =>
      tf.concat(
        Array.from({ length: count }, (_, j) => (j <= i ? row[j]! : tf.transpose(blocks[j]![i]!))),
        1,
      ),
    );
    // The rows below need what is below this one; nobody needs this one any more.
    tf.dispose(row);
    first += rows.shape[0]!;
    return each(rows, first - rows.shape[0]!);
  });
}
