import { problem } from '../../core/errors.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { SymmetricBlocks } from '../../tensor/linalg/block-inverse.ts';

/** Beyond this many rows the inverse takes hours. */
const MAX_ROWS = 40_000;

/** Memory of a trainer before it holds any teacher: TensorFlow, the data and a student. */
const BASE_MIB = 700;

/** Large blocks need fewer calls, small ones leave more of the work to fast products. */
export const sizeOfBlocks = (rows: number) => (rows > 16_384 ? 2048 : 1024);

/** The blocks with lambda on the diagonal; the others are shared until they are replaced. */
export function withRidge({ tf }: Engine, gram: SymmetricBlocks, lambda: number): SymmetricBlocks {
  return gram.map((row, i) =>
    row.map((block, j) =>
      i === j ? tf.tidy(() => tf.add(block, tf.mul(tf.eye(block.shape[0]!), lambda))) : tf.clone(block),
    ),
  );
}

/** Memory of a trainer that holds so many matrices of rows x rows at once, in MiB. */
export function inverseMiB(rows: number, matrices: number): number {
  return Math.ceil(BASE_MIB + (matrices * rows * rows * Float32Array.BYTES_PER_ELEMENT) / 2 ** 20);
}

/**
 * @param what the teacher and the matrix that it inverts, as in `ease inverts a matrix of 9 x 9`
 * @param bytes that are held at once @param instead what would do in its place
 * @throws out-of-memory where the inverse does not fit
 */
export function refuseTooLarge(what: string, rows: number, bytes: number, instead: string): void {
  const free = process.availableMemory();
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  if (rows > MAX_ROWS) {
    throw problem('out-of-memory', `teacher ${what}; the limit is ${MAX_ROWS} rows: ${instead}`);
  }
  if (bytes > free) {
    throw problem(
      'out-of-memory',
      `teacher ${what}, which takes ${gib(bytes)} GiB of ${gib(free)} free: ${instead}`,
    );
  }
}
