import { hideRandomly, stepsPerEpoch, userBatches } from '../dataset/batches.ts';
import { type Csr, commonRows, exceptRows, rowLength, selectRows, unionRows } from '../dataset/matrix.ts';
import type { TaskBalance, TaskTargets } from '../domain/tasks/tasks-spec.ts';
import type { FoldInBatch, FoldInStudent } from '../student/fold-in.ts';
import { throughHead } from '../student/heads.ts';
import type { StudentOutput } from '../student/network.ts';
import type { TrainingContext } from '../teacher/contract.ts';
import type { Engine, Scalar, Tensor } from '../tensor/engine.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import { type FitResult, fit } from '../tensor/train/fit.ts';
import type { NamedTensors } from '../tensor/train/parameters.ts';
import { type DistillSettings, freezeFor } from './distill.ts';
import type { TeacherSource } from './lists/teacher-source.ts';
import { mixLosses, type PreparedMix } from './losses/registry.ts';
import { viewStudent } from './losses/student-view.ts';
import { balanced, byGradients, sharesOf } from './task-balance.ts';

export interface TaughtTask {
  name: string;
  weight: number;
  teacher: TeacherSource;
  /** Place among the behaviours of that whose pairs this task predicts. */
  behaviour: number;
}

/** What a student with tasks reads of its users, [users, items] each. */
export interface TaskHistories {
  /** Training pairs of every task of the job, also of those that this student does not learn. */
  behaviours: readonly Csr[];
  /** Pairs of behaviours that no task predicts, or null. */
  context: Csr | null;
  /** Union of all these. */
  whole: Csr;
  /** Union of the pairs that this student learns: users without any of them are in no batch. */
  learned: Csr;
}

/** One task's part of a batch: the users of the batch who have pairs of it. */
interface TaskBatch {
  task: number;
  /** Places in the batch, Int32 [B_t]. */
  places: Int32Array;
  hiddenEntries: SparseBatch;
  mix: PreparedMix;
}

interface Batch {
  x: FoldInBatch;
  rounded: boolean;
  parts: TaskBatch[];
}

/**
 * Trains one student on several frozen teachers: all tasks read the same history of all behaviours and share item
 * matrices and user vector, each has a head of its own. A user counts for the tasks of which they have pairs; where a
 * teacher knows nothing of a user or an item, nothing is asked of the student.
 *
 * A share of each task's pairs is hidden from the history at each step, so that a task also learns from what other
 * behaviours say of an item. Where only unseen items are to be predicted, an item is hidden in all behaviours at once, hidden
 * ones are what the data wants to be named, and what the user knows from any behaviour is in no list: else students learn that
 * what was looked at is what will be bought.
 */
export async function distillTasks(
  student: FoldInStudent,
  tasks: readonly TaughtTask[],
  histories: TaskHistories,
  settings: DistillSettings & { balance: TaskBalance; targets: TaskTargets },
  context: Omit<TrainingContext, 'train' | 'validation'>,
): Promise<FitResult> {
  const { engine } = context;
  const draws = context.rng.fork('student-batches');
  const { behaviours, context: more, whole } = histories;
  const isUnseen = settings.targets === 'unseen';
  const steps = stepsPerEpoch(histories.learned, settings.batchSize);
  const shares = sharesOf(tasks.map(({ weight }) => weight));
  const mixes = tasks.map(({ teacher }) =>
    mixLosses(settings.losses, { engine, items: histories.learned.columns, teacher, rng: draws }),
  );
  let weights = shares;

  /** Of each behaviour what is shown, and the history that these make. */
  function show(users: Int32Array): { seen: Csr[]; shown: Csr } {
    const own = behaviours.map((pairs) => selectRows(pairs, users));
    if (isUnseen) {
      const shown = hideRandomly(selectRows(whole, users), settings.dropout, draws, 0);
      return { seen: own.map((pairs) => commonRows(pairs, shown)), shown };
    }
    const seen = own.map((pairs) => hideRandomly(pairs, settings.dropout, draws, 0));
    return { seen, shown: seen.reduce(unionRows, more ? selectRows(more, users) : seen[0]!) };
  }

  function batchOf(users: Int32Array, progress: number, rounded: boolean): Batch {
    const { seen, shown } = show(users);
    const parts = tasks.flatMap(({ behaviour }, task): TaskBatch[] => {
      const pairs = behaviours[behaviour]!;
      const places = Int32Array.from(users.keys()).filter((place) => rowLength(pairs, users[place]!) > 0);
      if (places.length === 0) return [];
      const active = places.map((place) => users[place]!);
      const own = selectRows(pairs, active);
      const seenOwn = selectRows(seen[behaviour]!, places);
      const hidden = isUnseen ? selectRows(whole, active) : own;
      const hiddenEntries = engine.sparseRows(hidden);
      const wanted = isUnseen ? exceptRows(own, seenOwn) : own;
      const step = { users: active, own, hidden, hiddenEntries, wanted, seen: seenOwn, progress };
      return [{ task, places, hiddenEntries, mix: mixes[task]!.prepare(step) }];
    });
    return { x: student.input(shown), rounded, parts };
  }

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
    loss(p, { x, rounded, parts }) {
      const output = student.network(p, x, rounded);
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
    release({ x, parts }) {
      x.dispose();
      for (const { hiddenEntries, mix } of parts) {
        hiddenEntries.dispose();
        mix.dispose();
      }
    },
    rng: draws,
    signal: context.signal,
    onProgress: context.onProgress,
    ...context.resume,
  });

  /** Once an epoch, on its first batch: a run that goes on from a checkpoint finds the same weights again. */
  function measured({ x, parts }: Batch): number[] {
    const norms: (number | null)[] = tasks.map(() => null);
    for (const part of parts) {
      const norm = student.parameters.evaluate((p) => {
        const output = student.network(p, x);
        const lossOf = (user: Tensor) => taskLoss(engine, p, { ...output, user }, part).total;
        return engine.tf.norm(engine.tf.grad(lossOf as never)(output.user as never)) as Scalar;
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
