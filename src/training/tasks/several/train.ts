import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import { type Csr, columnSums, unionRows } from '../../../dataset/matrix.ts';
import { distillTasks, type TaskHistories, type TaughtTask } from '../../../distillation/distill-tasks.ts';
import type { OutputsCache } from '../../../distillation/lists/teacher-outputs.ts';
import { balanceParameters } from '../../../distillation/task-balance.ts';
import { startStudent } from '../../../distillation/transfer/transfer.ts';
import { createFoldInStudent } from '../../../student/fold-in.ts';
import { headParameters, readHead, throughHead } from '../../../student/heads.ts';
import type { Teacher, TrainingContext } from '../../../teacher/contract.ts';
import { createEnsemble } from '../../../teacher/several/ensemble.ts';
import { readAndDispose } from '../../../tensor/read.ts';
import type { EnsembleFacts } from '../../teachers/teacher-setup.ts';
import { askTeacher } from '../ranking/ask-teacher.ts';
import { startScale, studentOptimizer, transferSample } from '../ranking/train-student.ts';
import type { TasksSettings } from './plan.ts';
import { askedWith } from './reading.ts';

/** A trained teacher with the pairs of its task. */
export interface Taught {
  name: string;
  types: readonly string[];
  weight: number;
  teacher: Teacher;
  /** [users, items] */
  train: Csr;
  lists?: OutputsCache;
  /** What it is made of, where it is several. */
  ensemble?: EnsembleFacts;
}

export interface TaskStudent {
  weights: StudentWeights;
  /** Before its weights were rounded, [rows, items] row-major. */
  scores(histories: Csr, task: number): Float32Array;
  dispose(): void;
}

/**
 * One student for some of the job's tasks, which reads the histories of all behaviours whatever it learns. With one task it
 * has no head.
 * @param learned places of its tasks among all
 * @param more [users, items] pairs of behaviours that only speak for the taste, or null
 */
export async function trainTasks(
  all: readonly Taught[],
  learned: readonly number[],
  more: Csr | null,
  settings: TasksSettings,
  context: Omit<TrainingContext, 'train' | 'validation'>,
): Promise<TaskStudent> {
  const { engine } = context;
  const { distillation, student: shape } = settings;
  const rng = context.rng.fork('student-start');
  const behaviours = all.map(({ train }) => train);
  const everything = behaviours.reduce(unionRows, more ?? behaviours[0]!);
  const tasks = learned.map((behaviour) => all[behaviour]!);
  const histories: TaskHistories = {
    behaviours,
    context: more,
    whole: everything,
    learned: tasks.map(({ train }) => train).reduce(unionRows),
  };
  const sample = transferSample(everything, rng);
  const taught: TaughtTask[] = [];
  for (const [i, { name, weight, train, teacher, lists }] of tasks.entries()) {
    const { source } = await askTeacher(
      askedWith(teacher, everything),
      distillation,
      { ...context, train: distillation.targets === 'unseen' ? everything : train },
      sample,
      { ...(lists && { cache: lists }) },
    );
    taught.push({ name, weight, teacher: source, behaviour: learned[i]! });
  }
  const teachers = tasks.map(({ teacher }) => teacher);
  const start = startStudent(distillation.transfer, {
    engine,
    // Not disposed: its members are the caller's.
    teacher:
      teachers.length === 1
        ? teachers[0]!
        : createEnsemble(
            engine,
            tasks.map(({ teacher, weight }) => ({ teacher, weight })),
          ),
    student: shape,
    sample,
    rng,
    scale: startScale(distillation.losses),
  });
  const heads = tasks.length > 1 ? tasks.length : 0;
  const optimizer = studentOptimizer(distillation, histories.learned);
  const student = createFoldInStudent(engine, everything.columns, shape, start, optimizer, {
    ...headParameters(heads, shape.dimensions),
    ...balanceParameters(distillation.balance, tasks.length),
  });
  try {
    await distillTasks(student, taught, histories, distillation, context);
    const read = student.parameters.read;
    const weights = student.weights(columnSums(everything));
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
