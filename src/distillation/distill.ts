import { hideRandomly, lengthBatches, stepsPerEpoch, userBatches } from '../dataset/batches.ts';
import { type Csr, selectRows } from '../dataset/matrix.ts';
import type { LossSettings } from '../domain/losses/loss-spec.ts';
import type { StudentNetwork } from '../student/network.ts';
import type { TrainingContext } from '../teacher/contract.ts';
import { type FitOptions, type FitResult, fit } from '../tensor/train/fit.ts';
import type { Parameters } from '../tensor/train/parameters.ts';
import { type Curriculum, PLACES } from './lists/curriculum.ts';
import { hiddenItems } from './lists/hidden-items.ts';
import { computeOutputs } from './lists/teacher-outputs.ts';
import type { TeacherSource } from './lists/teacher-source.ts';
import { mixLosses } from './losses/registry.ts';
import { viewStudent } from './losses/student-view.ts';

export interface DistillSettings {
  losses: LossSettings[];
  epochs: number;
  batchSize: number;
  /** Share of the history hidden at each step, from teacher and student alike. */
  dropout: number;
  /** Copies of each history with a random part missing, about which the teacher is asked as well; see alsoThinned. */
  thinned?: number;
  /** The number of last epochs in which training sees the item matrices as they will be rounded. */
  roundedEpochs: number;
  /** Parameters that keep their start values until the given epoch is over. */
  freeze?: { parameter: string; epochs: number }[];
}

/**
 * Trains the student on the frozen teacher's scores and on the data. Without a teacher only the losses that need none
 * may be given: that is the control in every report.
 *
 * Both models see the same partly hidden history, so that each epoch asks the teacher about new histories; its lists
 * are of the whole histories.
 */
export async function distill(
  student: StudentNetwork,
  teacher: TeacherSource | null,
  settings: DistillSettings,
  context: TrainingContext & {
    /** Taken after every epoch for the report; nothing is decided by it. */
    measure?: NonNullable<TrainingContext['validation']>['metric'];
    /** [rows of train, N] the item that came after each history; without it a history's own items are the answer. */
    next?: Csr;
  },
): Promise<FitResult> {
  const { engine, train, next } = context;
  const batchesOf = train.order ? lengthBatches : userBatches;
  const draws = context.rng.fork('student-batches');
  const steps = stepsPerEpoch(train, settings.batchSize);
  const mix = mixLosses(settings.losses, { engine, items: train.columns, teacher, rng: draws });
  return fit({
    parameters: student.parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches(epoch) {
      freezeFor(epoch, settings.freeze ?? [], student.parameters);
      let done = (epoch - 1) * steps;
      for (const users of batchesOf(train, settings.batchSize, draws)) {
        const own = selectRows(train, users);
        const seen = hideRandomly(own, settings.dropout, draws);
        const hidden = hiddenItems(own, teacher?.unknown);
        const hiddenEntries = engine.sparseRows(hidden);
        const progress = done++ / (settings.epochs * steps);
        yield {
          x: student.input(seen, draws),
          hiddenEntries,
          rounded: epoch > settings.epochs - settings.roundedEpochs,
          mix: mix.prepare({
            users,
            own,
            hidden,
            hiddenEntries,
            seen,
            wanted: next ? selectRows(next, users) : own,
            progress,
          }),
        };
      }
    },
    loss(p, { x, hiddenEntries, rounded, mix }) {
      return mix.loss(viewStudent(engine, student.network(p, x, rounded), hiddenEntries, p));
    },
    release(batch) {
      batch.x.dispose();
      batch.hiddenEntries.dispose();
      batch.mix.dispose();
    },
    validation: context.validation && {
      ...context.validation,
      metric: () => context.validation!.metric(student.scores),
    },
    ...(teacher?.curriculum && following(teacher.curriculum, student, context)),
    measure: context.measure && (() => context.measure!(student.scores)),
    rng: draws,
    signal: context.signal,
    onProgress: context.onProgress,
    ...context.resume,
  });
}

/** Looks at the student between epochs, and lets its users move on to what is harder. */
function following(
  curriculum: Curriculum,
  student: StudentNetwork,
  { engine, train, signal }: Pick<TrainingContext, 'engine' | 'train' | 'signal'>,
): Pick<FitOptions<unknown>, 'onEpoch' | 'companion'> {
  const scores = (histories: Csr) =>
    engine.tf.tensor2d(student.scores(histories), [histories.rows, histories.columns]);
  return {
    companion: curriculum,
    async onEpoch(epoch) {
      if (!curriculum.isDue(epoch)) return;
      const k = Math.min(PLACES, train.columns);
      const { ids } = await computeOutputs(engine, { scores }, train, k, 'hidden', signal);
      curriculum.move(epoch, widened(ids, k));
    },
  };
}

/** Lists of `k` places as lists of `PLACES`. */
function widened(ids: Int32Array, k: number): Int32Array {
  if (k === PLACES) return ids;
  const wide = new Int32Array((ids.length / k) * PLACES).fill(-1);
  for (let row = 0; row * k < ids.length; row++) wide.set(ids.subarray(row * k, (row + 1) * k), row * PLACES);
  return wide;
}

/**
 * Freezes and unfreezes parameters for an epoch. Only the number of the epoch decides, so that training that is resumed from a
 * checkpoint has the same ones frozen.
 */
export function freezeFor(
  epoch: number,
  freeze: NonNullable<DistillSettings['freeze']>,
  parameters: Parameters,
): void {
  const names = (isFrozen: boolean) =>
    freeze.filter(({ epochs }) => epoch <= epochs === isFrozen).map(({ parameter }) => parameter);
  parameters.unfreeze(names(false));
  parameters.freeze(names(true));
}
