import { hideRandomly, userBatches, usersWithHistory } from '../dataset/batches.ts';
import { type Csr, rowLength, selectRows, unionRows } from '../dataset/matrix.ts';
import type { TaskBalance } from '../domain/tasks-spec.ts';
import type { FoldInStudent } from '../student/fold-in.ts';
import { throughHead } from '../student/heads.ts';
import type { StudentOutput } from '../student/network.ts';
import type { TrainingContext } from '../teacher/contract.ts';
import type { Engine, Scalar, Tensor } from '../tensor/engine.ts';
import { type FitResult, fit } from '../tensor/fit.ts';
import type { NamedTensors } from '../tensor/parameters.ts';
import type { SparseBatch } from '../tensor/sparse.ts';
import type { DistillSettings } from './distill.ts';
import { mixLosses, type PreparedMix } from './losses.ts';
import { viewStudent } from './student-view.ts';
import { balanced, byGradients, sharesOf } from './task-balance.ts';
import type { TeacherSource } from './teacher-source.ts';

export interface TaughtTask {
  name: string;
  weight: number;
  teacher: TeacherSource;
  /** [users, items] the pairs that this task predicts. */
  train: Csr;
}

/** One task's part of a batch: the users of the batch who have pairs of it. */
interface TaskBatch {
  task: number;
  /** Places in the batch, Int32 [B_t]. */
  places: Int32Array;
  ownEntries: SparseBatch;
  mix: PreparedMix;
}

interface Batch {
  x: SparseBatch;
  rounded: boolean;
  parts: TaskBatch[];
}

/**
 * Trains one student on several frozen teachers: all tasks read the same history of all behaviours and share item
 * matrices and user vector, each has a head of its own. A user counts for the tasks of which they have pairs; where a
 * teacher knows nothing of a user or an item, nothing is asked of the student.
 *
 * A share of each task's pairs is hidden from the history at each step, so that a task also learns from what other
 * behaviours say of an item.
 * @param context [users, items] behaviours that no task predicts, or null
 */
export async function distillTasks(
  student: FoldInStudent,
  tasks: readonly TaughtTask[],
  more: Csr | null,
  settings: DistillSettings & { balance: TaskBalance },
  context: Omit<TrainingContext, 'train' | 'validation'>,
): Promise<FitResult> {
  const { engine } = context;
  const draws = context.rng.fork('student-batches');
  const everything = tasks.map(({ train }) => train).reduce(unionRows, more ?? tasks[0]!.train);
  const steps = Math.ceil(usersWithHistory(everything).length / settings.batchSize);
  const shares = sharesOf(tasks.map(({ weight }) => weight));
  const mixes = tasks.map(({ teacher, train }) =>
    mixLosses(settings.losses, { engine, items: train.columns, teacher, rng: draws }),
  );
  let weights = shares;

  function batchOf(users: Int32Array, progress: number, rounded: boolean): Batch {
    const seen = tasks.map(({ train }) => hideRandomly(selectRows(train, users), settings.dropout, draws, 0));
    const histories = seen.reduce(unionRows, more ? selectRows(more, users) : seen[0]!);
    const parts = tasks.flatMap(({ train }, task): TaskBatch[] => {
      const active = Int32Array.from(users.keys()).filter((place) => rowLength(train, users[place]!) > 0);
      if (active.length === 0) return [];
      const own = selectRows(
        train,
        active.map((place) => users[place]!),
      );
      const ownEntries = engine.sparseRows(own);
      const step = { users: active.map((place) => users[place]!), own, ownEntries, wanted: own, progress };
      const mix = mixes[task]!.prepare({ ...step, seen: selectRows(seen[task]!, active) });
      return [{ task, places: active, ownEntries, mix }];
    });
    return { x: student.input(histories), rounded, parts };
  }

  return fit({
    parameters: student.parameters,
    epochs: settings.epochs,
    stepsPerEpoch: steps,
    *batches(epoch) {
      let done = (epoch - 1) * steps;
      for (const users of userBatches(everything, settings.batchSize, draws)) {
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
      for (const { ownEntries, mix } of parts) {
        ownEntries.dispose();
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
  { task, places, ownEntries, mix }: TaskBatch,
) {
  const { tf } = engine;
  const all = places.length === output.user.shape[0];
  const user = all ? output.user : (tf.gather(output.user, tf.tensor1d(places, 'int32')) as Tensor);
  return mix.loss(viewStudent(engine, throughHead(engine, p, { ...output, user }, task), ownEntries, p));
}
