import { problem } from '../../../core/errors.ts';
import { type DataSize, epochsWithin, planEpochs, stepsOf } from '../../../dataset/data-size.ts';
import { taughtUsers } from '../../../dataset/taught-users.ts';
import { copiesOf } from '../../../dataset/thinned.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import type { Transfer } from '../../../distillation/transfer/transfer.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { type LossSettings, lossOf } from '../../../domain/losses/loss-spec.ts';
import { type FreezeSpec, freezeProblem, layersOf } from '../../../domain/students/freeze-spec.ts';
import { learnsSets } from '../../../domain/tasks/labels-spec.ts';
import type { StudentSettings } from '../../../student/settings.ts';
import type { StoredSettings } from '../../teachers/stored-teacher.ts';
import { defaultLosses, planLosses, setLosses } from './plan-losses.ts';
import { planRoundedEpochs } from './plan-student.ts';

/**
 * Updates on the teacher's order. Whole histories: about as many as gave good students on citeulike (20 epochs of 21) and
 * MovieLens-100K; not searched for. With thinned copies 600 gave more than 300 on MovieLens-100K. A solved student starts near its
 * end: on tuning users whom it never saw, small steps kept more of what it knew than large ones.
 */
const STEPS = { whole: 480, thinned: 600, solved: 240 };
/** Steps that are affordable where an epoch over all users has very many; gowalla's 15 epochs have 1,755. */
const MOST_STEPS_OF_RANKS = 1800;
/**
 * A solved student is near its end sooner: on drawn data of 8,000 users x 3,000 items (EASE, one seed) 250, 625 and 1,500 steps gave
 * .0904, .0937 and .0934 NDCG@10 and .825, .856 and .869 of the teacher's first ten items.
 */
const MOST_STEPS_OF_SOLVED = 800;

/**
 * Thinned copies of each history. Of sums on MovieLens-100K, users whom it never saw: with 15 the student had .275 NDCG@10 of the
 * teacher's .273, with 3 .262, and with none .256. The solution costs three times the step and gains less by copies.
 */
export const THINNED = { summed: 15, solved: 3 };
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
  /** Standard deviations by which the teacher's scores of what users dislike are lowered before they teach; none without it. */
  dislikes?: number;
};

/**
 * The teacher's order wants few updates at a high rate, scores and data many at a low one. On citeulike's validation part
 * 0.04 gave Recall@50 .3208 and 0.02 .3175, with one seed; no other rates were compared there.
 */
export function planDistillation(
  complete: CompleteDistillation,
  size: DataSize,
  student: StudentSettings,
  stored?: StoredSettings['part'],
): DistillationPlan {
  const { distillation } = complete;
  const transfer =
    distillation.transfer ?? (stored === 'student' ? 'all' : student.user === 'solved' ? 'ials' : 'svd');
  const isContinued = transfer === 'all';
  const named =
    distillation.losses ?? (learnsSets(complete) ? setLosses() : defaultLosses(size.items, complete.teacher));
  const losses = planLosses(named, size.items);
  const batchSize = distillation.batchSize ?? planBatchSize(size.users);
  const taught = { ...size, users: taughtUsers(size) };
  const byOrder = losses.some(({ kind }) => lossOf(kind).pace === 'fast');
  const isSolved = student.user === 'solved';
  const thinned = distillation.thinned ?? (isSolved && !isContinued ? THINNED.solved : 0);
  const updates = isSolved ? STEPS.solved : thinned > 0 ? STEPS.thinned : STEPS.whole;
  const whole = byOrder
    ? epochsOfRanks(
        taught,
        batchSize,
        { target: updates, most: isSolved ? MOST_STEPS_OF_SOLVED : MOST_STEPS_OF_RANKS },
        thinned,
      )
    : planEpochs(taught.users, batchSize);
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
    // Validation says how much where the job leaves it to it.
    ...(typeof distillation.dislikes === 'number' &&
      distillation.dislikes > 0 && { dislikes: distillation.dislikes }),
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
export function planControl(
  complete: CompleteDistillation,
  { users }: DataSize,
  { user }: Pick<StudentSettings, 'user'>,
  isSuccessor = false,
) {
  const { distillation } = complete;
  const batchSize = distillation.batchSize ?? planBatchSize(users);
  const epochs = (isSuccessor ? 0 : distillation.epochs) || planEpochs(users, batchSize);
  return {
    losses: [
      { kind: 'hardLabels', weight: 1, ...(learnsSets(complete) && { link: 'sigmoid' }) },
    ] satisfies LossSettings[],
    epochs,
    batchSize,
    // From iALS it goes on in small steps, which decay would undo.
    learningRate: user === 'solved' ? SOLVED_RATE : 0.01,
    dropout: 0.5,
    roundedEpochs: planRoundedEpochs(complete, epochs),
    weightDecay: user === 'solved' ? 0 : 1,
  };
}

function planBatchSize(users: number): number {
  return users < 5000 ? 128 : 256;
}

function rateOfRanks(users: number): number {
  return users < 5000 ? 0.02 : 0.04;
}

function epochsOfRanks(
  { users }: DataSize,
  batchSize: number,
  steps: { target: number; most: number },
  thinned: number,
): number {
  const rows = users + copiesOf(users, thinned);
  const least = Math.ceil((15 * users) / Math.max(1, rows));
  return epochsWithin(stepsOf(rows, batchSize), { ...steps, least });
}

/**
 * The teacher's order does not overfit, and its lists are those of whole histories: hiding a part gave nothing steady. Nor do
 * its scores, where they are all that is learned from.
 */
function planDropout(losses: readonly LossSettings[]): number {
  const whole = losses.map(({ kind }) => lossOf(kind).wholeHistory);
  return whole.includes('always') || whole.every((when) => when === 'alone') ? 0 : 0.2;
}
