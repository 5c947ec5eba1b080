import { problem } from '../../../core/errors.ts';
import { type DataSize, planEpochs } from '../../../dataset/data-size.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import type { Transfer } from '../../../distillation/transfer/transfer.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { type LossSettings, lossOf } from '../../../domain/losses/loss-spec.ts';
import { type FreezeSpec, freezeProblem, layersOf } from '../../../domain/students/freeze-spec.ts';
import { learnsSets } from '../../../domain/tasks/labels-spec.ts';
import type { StudentSettings } from '../../../student/settings.ts';
import { defaultLosses, planLosses, setLosses } from './plan-losses.ts';
import { planRoundedEpochs } from './plan-student.ts';

/** About as many updates as gave good students on citeulike (20 epochs of 21) and MovieLens-100K; not searched for. */
const STEPS_OF_RANKS = 480;

/** Thinned copies of each history that a student whose user vector is solved is taught on. */
export const THINNED = 3;
/** A student whose user vector is solved starts as a good model: large steps lose what it knows of users whom nobody taught it. */
const SOLVED_RATE = 0.003;

/**
 * The share of the epochs from scratch that a successor needs, as it starts from what is known already: on the validation part of
 * MovieLens-100K, split in time (seed 1), its NDCG@10 stayed within .12 and .1216 from the eighth of twelve epochs on.
 */
const SUCCESSOR_EPOCHS = 0.2;
/**
 * Shares of epochs and learning rate for a student that starts from its published weights (NDCG@10 .1279 there). At the whole
 * rate it first loses what it knew (.114, then .1268 after twelve epochs); at a twentieth it gains (.1305 after two, and .1279
 * after twelve).
 */
const CONTINUED = { epochs: 0.1, rate: 0.05 };

export type DistillationPlan = DistillSettings & {
  transfer: Transfer;
  learningRate: number;
  weightDecay: number;
};

/**
 * The teacher's order wants few updates at a high rate, scores and data many at a low one. On citeulike's validation part
 * 0.04 gave Recall@50 .3208 and 0.02 .3175, with one seed; no other rates were compared there.
 */
export function planDistillation(
  complete: CompleteDistillation,
  size: DataSize,
  student: StudentSettings,
  stored?: 'teacher' | 'student',
): DistillationPlan {
  const { distillation } = complete;
  const transfer =
    distillation.transfer ?? (stored === 'student' ? 'all' : student.user === 'solved' ? 'ials' : 'svd');
  const isContinued = transfer === 'all';
  const named =
    distillation.losses ?? (learnsSets(complete) ? setLosses() : defaultLosses(size.items, complete.teacher));
  const losses = planLosses(named, size.items);
  const batchSize = distillation.batchSize ?? planBatchSize(size.users);
  const byOrder = losses.some(({ kind }) => lossOf(kind).pace === 'fast');
  const isSolved = student.user === 'solved';
  const thinned = distillation.thinned ?? (isSolved && !isContinued ? THINNED : 0);
  const whole = byOrder ? epochsOfRanks(size, batchSize, thinned) : planEpochs(size.users, batchSize);
  const epochs =
    distillation.epochs ??
    Math.ceil(whole * (isContinued ? CONTINUED.epochs : stored ? SUCCESSOR_EPOCHS : 1));
  return {
    losses,
    transfer,
    epochs,
    batchSize,
    learningRate:
      distillation.learningRate ??
      (isSolved ? SOLVED_RATE : byOrder ? rateOfRanks(size.users) : 0.01) *
        (isContinued ? CONTINUED.rate : 1),
    weightDecay: 0,
    dropout: distillation.dropout ?? planDropout(losses),
    ...(thinned > 0 && { thinned }),
    roundedEpochs: planRoundedEpochs(complete, epochs),
    freeze: planFreeze(distillation.freeze ?? [], student, epochs),
  };
}

/** @throws problem('invalid-job') for a layer that the student does not have */
function planFreeze(
  freeze: readonly FreezeSpec[],
  student: StudentSettings,
  epochs: number,
): NonNullable<DistillSettings['freeze']> {
  const wrong = freezeProblem(freeze, student);
  if (wrong) throw problem('invalid-job', wrong);
  const layers = layersOf(student);
  return freeze.flatMap(({ layer, epochs: until = epochs }) =>
    layers[layer]!.map((parameter) => ({ parameter, epochs: until })),
  );
}

/**
 * The control without a teacher, which learns from the data alone: slowly, with much hidden. Beside a successor it has all the
 * epochs that it needs from scratch.
 */
export function planControl(complete: CompleteDistillation, { users }: DataSize, isSuccessor = false) {
  const { distillation } = complete;
  const batchSize = distillation.batchSize ?? planBatchSize(users);
  const epochs = (isSuccessor ? undefined : distillation.epochs) ?? planEpochs(users, batchSize);
  return {
    losses: [
      { kind: 'hardLabels', weight: 1, ...(learnsSets(complete) && { link: 'sigmoid' }) },
    ] satisfies LossSettings[],
    epochs,
    batchSize,
    learningRate: 0.01,
    dropout: 0.5,
    roundedEpochs: planRoundedEpochs(complete, epochs),
    weightDecay: 1,
  };
}

function planBatchSize(users: number): number {
  return users < 5000 ? 128 : 256;
}

function rateOfRanks(users: number): number {
  return users < 5000 ? 0.02 : 0.04;
}

/** Thinned copies want twice the updates. */
function epochsOfRanks({ users }: DataSize, batchSize: number, thinned: number): number {
  const steps = Math.max(1, Math.ceil(users / batchSize));
  if (thinned === 0) return Math.min(60, Math.max(15, Math.ceil(STEPS_OF_RANKS / steps)));
  return Math.min(30, Math.max(4, Math.ceil((2 * STEPS_OF_RANKS) / steps / (1 + thinned))));
}

/**
 * The teacher's order does not overfit, and its lists are those of whole histories: hiding a part gave nothing steady. Nor do
 * its scores, where they are all that is learned from.
 */
function planDropout(losses: readonly LossSettings[]): number {
  const whole = losses.map(({ kind }) => lossOf(kind).wholeHistory);
  return whole.includes('always') || whole.every((when) => when === 'alone') ? 0 : 0.2;
}
