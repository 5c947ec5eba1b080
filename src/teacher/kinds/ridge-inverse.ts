import { problem } from '../../core/errors.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import { blockStarts, invertBlocks, type SymmetricBlocks } from '../../tensor/linalg/block-inverse.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TrainingContext } from '../contract.ts';
import { createSteps, runAsPart } from './closed-form.ts';
import { gramBlocks } from './gram.ts';

/** Beyond this many rows the inverse takes hours. */
const MAX_ROWS = 40_000;

/** Memory of a trainer before it holds any teacher: TensorFlow, the data and a student. */
const BASE_MIB = 700;

/** Large blocks need fewer calls, small ones leave more of the work to fast products. */
const sizeOfBlocks = (rows: number) => (rows > 16_384 ? 2048 : 1024);

/**
 * Inverts M'M + lambda I for each of the ridges, and keeps the teacher that is best on validation; without validation that of the
 * first ridge. The Gram matrix is computed once.
 * @param matrix M [rows, n]
 * @param teacherOf makes a teacher of an inverse, which it releases; where this takes long it reports the share that is done
 */
export async function trainByRidge(
  context: TrainingContext,
  { matrix, lambdas: all }: { matrix: Csr; lambdas: readonly number[] },
  teacherOf: (
    inverse: SymmetricBlocks,
    lambda: number,
    within: (share: number) => Promise<void>,
  ) => Teacher | Promise<Teacher>,
): Promise<Teacher> {
  const { engine, validation } = context;
  const lambdas = validation ? all : all.slice(0, 1);
  const size = sizeOfBlocks(matrix.columns);
  const count = blockStarts(matrix.columns, size).length - 1;
  // The Gram matrix as one part, then for each lambda its pivots and its metric.
  const steps = createSteps(context, 1 + lambdas.length * (count + 1));
  const gram = await runAsPart(gramBlocks(engine, matrix, size), count, steps);
  let best: { teacher: Teacher; metric: number } | undefined;
  try {
    await steps.step();
    for (const [i, lambda] of lambdas.entries()) {
      const blocks = withRidge(engine, gram, lambda);
      if (i === lambdas.length - 1) engine.tf.dispose(gram.splice(0).flat());
      try {
        await invertBlocks(engine, blocks, steps.step, steps.within);
      } catch (error) {
        engine.tf.dispose(blocks.flat());
        throw error;
      }
      const teacher = await teacherOf(blocks, lambda, steps.within);
      const metric =
        lambdas.length > 1 ? await validation!.metric((h) => readAndDispose(teacher.scores(h))) : 0;
      if (best && best.metric >= metric) teacher.dispose();
      else {
        best?.teacher.dispose();
        best = { teacher, metric };
      }
      await steps.step();
    }
    return best!.teacher;
  } catch (error) {
    best?.teacher.dispose();
    throw error;
  } finally {
    engine.tf.dispose(gram.flat());
  }
}

/** The blocks with lambda on the diagonal; the others are shared until they are replaced. */
function withRidge({ tf }: Engine, gram: SymmetricBlocks, lambda: number): SymmetricBlocks {
  return gram.map((row, i) =>
    row.map((block, j) =>
      i === j ? tf.tidy(() => tf.add(block, tf.mul(tf.eye(block.shape[0]!), lambda))) : tf.clone(block),
    ),
  );
}

/**
 * Half of the inverse while it is computed, all of it and its parts while it is put together; where several lambdas are tried, the
 * best so far and half of the Gram matrix beside it.
 */
export function bytesOfRidges(n: number, lambdas: number): number {
  return (lambdas > 1 ? 3.25 : 1.75) * n * n * Float32Array.BYTES_PER_ELEMENT;
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
