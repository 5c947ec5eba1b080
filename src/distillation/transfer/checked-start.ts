import { probeLoss, probeOf, type ScoreProbe } from '../../evaluation/score-probe.ts';
import { createStudent } from '../../student/create-student.ts';
import { createStudentSide } from '../../student/side-inputs.ts';
import type { FoldInStart } from '../../student/start.ts';
import { readAndDispose } from '../../tensor/read.ts';
import { startStudent, type Transfer } from './transfer.ts';
import type { TransferSetup } from './transfer-setup.ts';

/** Nats above a guess, or above the teacher where its own scores are wanted, from which on a start is of no use. */
const MARGIN = 10;

export interface CheckedStart {
  start: FoldInStart;
  /** Says in a sentence what was put in the place of the start that was asked for. */
  replaced?: string;
}

/**
 * Starts a student as startStudent does, and asks it for items that were taken out of the sample's histories. A start whose
 * scores are no numbers, or that is far worse than a guess, is replaced: by the leading directions of the teacher's scores, by
 * half as many of them and so on, and at last by random numbers.
 * @throws problem('invalid-job') as startStudent
 */
export function startChecked(transfer: Transfer, setup: TransferSetup): CheckedStart {
  const asked = startStudent(transfer, setup);
  if (transfer === 'none') return { start: asked };
  const probe = probeOf(setup.sample, setup.rng.fork('start-probe'));
  const most = limitOf(setup, probe);
  const loss = lossOf(asked, setup, probe);
  if (loss <= most) return { start: asked };
  const { start, name } = replacement(transfer, setup, (one) => lossOf(one, setup, probe) <= most);
  const guess = Math.log(setup.sample.columns);
  return {
    start,
    replaced: `distillation.transfer ${transfer} gave a start that cannot be used: the loss on known items is ${loss.toPrecision(3)} nats, and ${guess.toPrecision(3)} for a guess. The student started from ${name} instead`,
  };
}

/** The first start that holds, of fewer and fewer directions; random numbers where none does. */
function replacement(transfer: Transfer, setup: TransferSetup, holds: (start: FoldInStart) => boolean) {
  const { student, sample } = setup;
  const widest = Math.min(student.dimensions, sample.rows, sample.columns);
  for (let rank = transfer === 'svd' ? widest >> 1 : widest; rank >= 1; rank >>= 1) {
    const start = startStudent('svd', { ...setup, rank });
    if (holds(start)) return { start, name: `the ${rank} leading directions of the teacher's scores` };
  }
  return { start: startStudent('none', setup), name: 'random numbers' };
}

/** A student that starts with the teacher's own scores may be as far from a softmax as these are. */
function limitOf({ teacher, scale, sample }: TransferSetup, probe: ScoreProbe): number {
  const guess = Math.log(sample.columns);
  if (scale === 'spread' || teacher.listed || probe.histories.rows === 0) return guess + MARGIN;
  const own = probeLoss(readAndDispose(teacher.scores(probe.histories)), probe);
  return Math.max(guess, Number.isFinite(own) ? own : 0) + MARGIN;
}

function lossOf(start: FoldInStart, { engine, student, sample }: TransferSetup, probe: ScoreProbe): number {
  // No parameters can be made of them.
  if (!matricesOf(start).every((values) => values.every(Number.isFinite))) return Number.POSITIVE_INFINITY;
  if (probe.histories.rows === 0) return 0;
  // No step is taken.
  const optimizer = { kind: 'adamw', learningRate: 1 } as const;
  const side = createStudentSide(engine, student, {});
  const network = createStudent(engine, sample.columns, student, start, optimizer, {}, side);
  try {
    return probeLoss(network.scores(probe.histories), probe);
  } finally {
    network.parameters.dispose();
    side.dispose();
  }
}

function matricesOf(start: FoldInStart): Float32Array[] {
  const { itemsIn, itemsOut, itemBias, userBias, inner, innerBias, solver } = start;
  return [itemsIn, itemsOut, itemBias, userBias, inner, innerBias, solver?.gram].filter(
    (values) => values !== undefined,
  );
}
