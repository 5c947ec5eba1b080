import type { StudentWeights } from '../../artifact/student-weights.ts';
import { stepsPerEpoch, usersWithHistory } from '../../dataset/batches.ts';
import { type Csr, columnSums, selectRows, unionRows } from '../../dataset/matrix.ts';
import { distillTasks, type TaughtTask } from '../../distillation/distill-tasks.ts';
import { balanceParameters } from '../../distillation/task-balance.ts';
import type { OutputsCache } from '../../distillation/teacher-outputs.ts';
import { startStudent } from '../../distillation/transfer.ts';
import { createFoldInStudent } from '../../student/fold-in.ts';
import { headParameters, readHead, throughHead } from '../../student/heads.ts';
import { averageTeacher } from '../../teacher/average.ts';
import type { Teacher, TrainingContext } from '../../teacher/contract.ts';
import { readAndDispose } from '../../tensor/read.ts';
import { askTeacher } from '../ask-teacher.ts';
import type { TasksSettings } from './plan.ts';

/** Users whose scores the start of the student is fitted to. */
const TRANSFER_SAMPLE = 8192;

/** A trained teacher with the pairs of its task. */
export interface Taught {
  name: string;
  types: readonly string[];
  weight: number;
  teacher: Teacher;
  /** [users, items] */
  train: Csr;
  lists?: OutputsCache;
}

export interface TaskStudent {
  weights: StudentWeights;
  /** Before its weights were rounded, [rows, items] row-major. */
  scores(histories: Csr, task: number): Float32Array;
  dispose(): void;
}

/**
 * One student for these tasks; with one task it has no head, and is what a job without tasks would train but for the
 * history, which is that of all behaviours.
 * @param more [users, items] pairs of behaviours that only speak for the taste, or null
 */
export async function trainTasks(
  tasks: readonly Taught[],
  more: Csr | null,
  settings: TasksSettings,
  context: Omit<TrainingContext, 'train' | 'validation'>,
): Promise<TaskStudent> {
  const { engine } = context;
  const { distillation, student: shape } = settings;
  const rng = context.rng.fork('student-start');
  const histories = tasks.map(({ train }) => train).reduce(unionRows, more ?? tasks[0]!.train);
  const sample = selectRows(histories, rng.shuffle(usersWithHistory(histories)).subarray(0, TRANSFER_SAMPLE));
  const taught: TaughtTask[] = [];
  for (const { name, weight, train, teacher, lists } of tasks) {
    const { source } = await askTeacher(teacher, distillation, { ...context, train }, sample, lists);
    taught.push({ name, weight, train, teacher: source });
  }
  const teachers = tasks.map(({ teacher }) => teacher);
  const start = startStudent(distillation.transfer, {
    engine,
    // Not disposed: its members are the caller's.
    teacher: teachers.length === 1 ? teachers[0]! : averageTeacher(engine, teachers),
    student: shape,
    sample,
    rng,
    scale: distillation.losses.some((loss) => loss.kind === 'softLabels' && loss.scores === 'raw')
      ? 'same'
      : 'spread',
  });
  const heads = tasks.length > 1 ? tasks.length : 0;
  const optimizer = {
    kind: 'adamw',
    learningRate: distillation.learningRate,
    weightDecay: 0,
    schedule: {
      kind: 'cosine',
      totalSteps: distillation.epochs * stepsPerEpoch(histories, distillation.batchSize),
      finalFraction: 0.02,
    },
  } as const;
  const student = createFoldInStudent(engine, histories.columns, shape, start, optimizer, {
    ...headParameters(heads, shape.dimensions),
    ...balanceParameters(distillation.balance, tasks.length),
  });
  try {
    await distillTasks(student, taught, more, distillation, context);
    const read = student.parameters.read;
    const weights = student.weights(columnSums(histories));
    return {
      weights:
        heads === 0
          ? weights
          : {
              ...weights,
              heads: tasks.map(({ name, types }, task) => ({
                task: name,
                types,
                layer: readHead(read, task),
              })),
            },
      scores(of, task) {
        const x = student.input(of);
        const logits = student.parameters.evaluate((p) => {
          const { user, items, itemBias } = throughHead(engine, p, student.network(p, x), task);
          return engine.linearScores(user, items, itemBias);
        });
        x.dispose();
        return readAndDispose(logits);
      },
      dispose: () => student.parameters.dispose(),
    };
  } catch (error) {
    student.parameters.dispose();
    throw error;
  }
}
