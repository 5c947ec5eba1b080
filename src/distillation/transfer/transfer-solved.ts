import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import { solvedItems } from '../../student/solved-items.ts';
import type { FoldInStart } from '../../student/start.ts';
import { learnIalsItems } from '../../teacher/kinds/ials-items.ts';
import { planUnobserved } from '../../teacher/kinds/matrix-factorization.ts';
import type { Engine } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';
import { createRowSolver } from '../../tensor/ridge/solve-rows.ts';
import { measuredRows, SPREAD, spreadOfScores } from './spread.ts';
import type { IalsFactors, TransferSetup } from './transfer-setup.ts';
import { svdTransfer } from './transfer-svd.ts';

/** Root mean square of a start's numbers: the learning rates are made for about this size. */
const SIZE = 0.1;
const REGULARIZATION = 0.01;

/**
 * Learns the items that a student whose user vector is solved can start from, from the data alone: without a step of training it
 * is the control 'iALS, solved per user'.
 * @param pairs [users, items]
 * @param step lets messages in, and ends what takes long
 */
export async function learnForStart(
  engine: Engine,
  pairs: Csr,
  dimensions: number,
  rng: Rng,
  step: () => Promise<void>,
): Promise<IalsFactors> {
  const ridge = ridgeOf(pairs);
  return { ridge, items: await learnIalsItems(engine, pairs, { ...ridge, dimensions }, rng, step) };
}

/** Starts from items that were learned from the data, see learnForStart. */
export function ialsTransfer(setup: SolvedSetup & Pick<TransferSetup, 'ials'>): FoldInStart {
  const { items, ridge } = setup.ials!;
  return solvedStart(setup, items, ridge);
}

/** Starts from the leading directions of the teacher's scores, each as long as the teacher makes use of it. */
export function solvedSvdTransfer(setup: TransferSetup): FoldInStart {
  const student = { ...setup.student, tied: true, normalization: 'none' } as const;
  const { itemsOut } = svdTransfer({ ...setup, student, scale: 'same' });
  return solvedStart(setup, itemsOut, ridgeOf(setup.sample));
}

function ridgeOf(pairs: Csr): Ridge {
  const size = { users: pairs.rows, items: pairs.columns, pairs: pairs.indices.length };
  return { regularization: REGULARIZATION, unobservedWeight: planUnobserved(size) };
}

type SolvedSetup = Pick<TransferSetup, 'engine' | 'student' | 'sample' | 'scale'>;

function solvedStart(setup: SolvedSetup, learned: Float32Array, ridge: Ridge): FoldInStart {
  const { engine, student, sample, scale } = setup;
  const d = student.dimensions;
  const { items, solver } = solvedItems(engine, learned, d, ridge, SIZE);
  const k = scale === 'same' ? 1 : SPREAD / spreadOf(setup, learned, ridge, measuredRows(sample));
  return {
    itemsIn: items,
    itemsOut: student.tied ? items : items.map((x) => k * x),
    itemBias: new Float32Array(sample.columns),
    solver: student.tied ? { ...solver, scale: k } : solver,
  };
}

function spreadOf({ engine, student }: SolvedSetup, items: Float32Array, ridge: Ridge, own: Csr): number {
  const { tf } = engine;
  const y = tf.tensor2d(items, [own.columns, student.dimensions]);
  const users = tf.tensor2d(createRowSolver(engine, items, student.dimensions, ridge).solve(own), [
    own.rows,
    student.dimensions,
  ]);
  const scores = engine.linearScores(users, y);
  tf.dispose([y, users]);
  return spreadOfScores(readAndDispose(scores), own);
}
