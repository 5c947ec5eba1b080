import { stepsPerEpoch, userBatches } from '../dataset/batches.ts';
import type { TaskBalance, TaskTargets } from '../domain/tasks/tasks-spec.ts';
import type { FoldInStudent } from '../student/fold-in.ts';
import { throughHead } from '../student/heads.ts';
import type { StudentOutput } from '../student/network.ts';
import type { TrainingContext } from '../teacher/contract.ts';
import type { Engine, Scalar, Tensor } from '../tensor/engine.ts';
import { type FitResult, fit } from '../tensor/train/fit.ts';
import type { NamedTensors } from '../tensor/train/parameters.ts';
import { type DistillSettings, freezeFor } from './distill.ts';
import type { CataloguePart } from './lists/step.ts';
import { outputInPart } from './losses/catalogue-part.ts';
import { viewStudent } from './losses/student-view.ts';
import { balanced, byGradients, sharesOf } from './task-balance.ts';
import {
  type Batch,
  disposeBatch,
  type TaskBatch,
  type TaskHistories,
  type TaughtTask,
  taskBatches,
} from './task-batches.ts';

export interface TasksDistillSettings extends DistillSettings {
  balance: TaskBalance;
  targets: TaskTargets;
  /** Items that stand for those that no user of a batch has or is to be shown; unset: softmaxes are over the whole catalogue. */
  among?: number;
}

/**
 * Trains one student on several frozen teachers: all tasks read the same history of all behaviours and share item
 * matrices and user vector, each has a head of its own. A user counts for the tasks of which they have pairs; where a
 * teacher knows nothing of a user or an item, nothing is asked of the student.
 */
export async function distillTasks(
  student: FoldInStudent,
  tasks: readonly TaughtTask[],
  histories: TaskHistories,
  settings: TasksDistillSettings,
  context: Omit<TrainingContext, 'train' | 'validation'> & {
    /** Taken after every epoch for the report; nothing is decided by it. */
    measure?: () => number | Promise<number>;
  },
): Promise<FitResult> {
  const { engine } = context;
  const draws = context.rng.fork('student-batches');
  const steps = stepsPerEpoch(histories.learned, settings.batchSize);
  const shares = sharesOf(tasks.map(({ weight }) => weight));
  const batchOf = taskBatches(student, tasks, histories, settings, { engine, draws });
  let weights = shares;

  return fit({
    parameters: student.parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches(epoch) {
      freezeFor(epoch, settings.freeze ?? [], student.parameters);
      let done = (epoch - 1) * steps;
      for (const users of userBatches(histories.learned, settings.batchSize, draws)) {
        const first = done % steps === 0;
        const progress = done++ / (settings.epochs * steps);
        const batch = batchOf(users, progress, epoch > settings.epochs - settings.roundedEpochs);
        if (first && settings.balance === 'gradient') weights = measured(batch);
        yield batch;
      }
    },
    loss(p, { x, rounded, parts, among }) {
      const output = outputOf(p, { x, rounded, among });
      const losses = parts.map((part) => ({ part, loss: taskLoss(engine, p, output, part) }));
      return {
        total: balanced(
          engine,
          losses.map(({ part, loss }) => ({ task: part.task, loss: loss.total })),
          weights,
          p,
        ),
        parts: Object.fromEntries(
          losses.flatMap(({ part, loss }) =>
            Object.entries(loss.parts).map(([kind, value]) => [`${tasks[part.task]!.name}.${kind}`, value]),
          ),
        ),
      };
    },
    release: disposeBatch,
    measure: context.measure,
    rng: draws,
    signal: context.signal,
    onProgress: context.onProgress,
    ...context.resume,
  });

  function outputOf(
    p: NamedTensors,
    { x, rounded, among }: Pick<Batch, 'x' | 'rounded'> & { among: CataloguePart | undefined },
  ): StudentOutput {
    const output = student.network(p, x, rounded);
    return among ? outputInPart(engine, output, among) : output;
  }

  /** Once an epoch, on its first batch: a run that goes on from a checkpoint finds the same weights again. */
  function measured({ x, parts, among }: Batch): number[] {
    const norms: (number | null)[] = tasks.map(() => null);
    for (const part of parts) {
      const norm = student.parameters.evaluate((p) => {
        const output = outputOf(p, { x, rounded: false, among });
        const lossOf = (user: Tensor) => taskLoss(engine, p, { ...output, user }, part).total;
        return engine.tf.norm(engine.tf.grad(lossOf)(output.user)) as Scalar;
      });
      norms[part.task] = norm.dataSync()[0]!;
      norm.dispose();
    }
    return byGradients(shares, norms);
  }
}

function taskLoss(
  engine: Engine,
  p: NamedTensors,
  output: StudentOutput,
  { task, places, hiddenEntries, mix }: TaskBatch,
) {
  const { tf } = engine;
  const all = places.length === output.user.shape[0];
  const user = all ? output.user : (tf.gather(output.user, tf.tensor1d(places, 'int32')) as Tensor);
  return mix.loss(viewStudent(engine, throughHead(engine, p, { ...output, user }, task), hiddenEntries, p));
}
