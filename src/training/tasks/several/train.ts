import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import { type Csr, columnSums, unionRows } from '../../../dataset/matrix.ts';
import { pairsOf } from '../../../dataset/split/split-parts.ts';
import { distillTasks } from '../../../distillation/distill-tasks.ts';
import { balanceParameters } from '../../../distillation/task-balance.ts';
import type { TaskHistories, TaughtTask } from '../../../distillation/task-batches.ts';
import { startChecked } from '../../../distillation/transfer/checked-start.ts';
import { createFoldInStudent, type FoldInStudent } from '../../../student/fold-in.ts';
import { headParameters, readHead, throughHead } from '../../../student/heads.ts';
import type { ModelValidation, WarmStart } from '../../../teacher/contract.ts';
import { createEnsemble } from '../../../teacher/several/ensemble.ts';
import type { Engine } from '../../../tensor/engine.ts';
import { readAndDispose } from '../../../tensor/read.ts';
import { type NamedValues, readNamed } from '../../../tensor/train/named-values.ts';
import { refuseAbsurd } from '../../controls/refuse-absurd.ts';
import { tellPart } from '../../run/part-of.ts';
import type { Fit } from '../../run/run.ts';
import { settingsAgain, studentAgain } from '../../run/start-again.ts';
import { asksWhileTraining, askTeacher } from '../ranking/ask-teacher.ts';
import { learnFactors } from '../ranking/learn-factors.ts';
import { studentOptimizer } from '../ranking/student-optimizer.ts';
import { LISTS_SHARE, startScale, transferSample } from '../ranking/train-student.ts';
import type { TasksSettings } from './plan.ts';
import { askedWith } from './reading.ts';
import type { LearnedPairs } from './tasks-data.ts';
import { type TaskTeacher, unionOf } from './teach.ts';

export interface TaskStudent {
  weights: StudentWeights;
  /** Copies of all parameters before they were rounded, which a refit starts from. */
  values(): NamedValues;
  /** Before its weights were rounded, [rows, items] row-major. */
  scores(histories: Csr, task: number): Float32Array;
  dispose(): void;
}

/**
 * Readies one student for some of the job's tasks, which reads the histories of all behaviours whatever it learns. With one
 * task it has no head.
 * @param learned places of its tasks among all
 * A control learns iALS from the pairs instead and asks no teacher: every task sees its users alike.
 * @param measure of the first of them, taken after every epoch for the report
 * @param again the same student before, which goes on from there instead of taking over what the teachers have
 */
export async function startStudentOf(
  learned: readonly number[],
  taught: readonly TaskTeacher[],
  { own, context: more }: LearnedPairs,
  settings: TasksSettings,
  { measure, ...context }: Fit & { measure?: ModelValidation['metric'] | undefined },
  { warn, again: goesOn }: { warn?: (message: string) => void; again?: WarmStart } = {},
): Promise<(fit: Fit) => Promise<TaskStudent>> {
  const { engine } = context;
  const { student: shape } = settings;
  // What learns from the data alone has nothing to go on from: it learns anew from all that there is.
  const isControl = settings.distillation.transfer === 'ials';
  const again = isControl ? undefined : goesOn;
  const distillation = again ? settingsAgain(settings.distillation) : settings.distillation;
  const rng = context.rng.fork('student-start');
  const everything = unionOf(own, more);
  const isTaught = drawTaught(everything, distillation.taught, context.rng.fork('taught-users'));
  const behaviours = own.map((pairs) => pairsOf(pairs, isTaught));
  const histories = historiesOf(behaviours, { context: more, whole: everything }, learned);
  const sample = transferSample(everything, rng);
  const rests = !asksWhileTraining(distillation.losses);
  const asking = { settings: { ...settings, distillation }, everything, behaviours, isTaught, sample };
  const tasks = isControl ? [] : await askTeachers(learned, taught, asking, context);
  const transfer = again ? 'none' : distillation.transfer;
  const ials = isControl ? await learnFactors(context, everything, shape.dimensions, rng) : undefined;
  // The start is made from all of them together.
  if (transfer !== 'none') for (const task of learned) await taught[task]!.wake();
  const members = learned.map((task) => ({
    teacher: taught[task]!.teacher,
    weight: settings.tasks[task]!.weight,
  }));
  const { start, replaced } = startChecked(transfer, {
    engine,
    // Not disposed: its members are the caller's.
    teacher: members.length === 1 ? members[0]!.teacher : createEnsemble(engine, members),
    ...{ student: shape, sample, rng },
    ...(ials && { ials }),
    scale: startScale(distillation.losses),
    tell: tellPart(context, LISTS_SHARE, 1),
  });
  if (rests) for (const task of learned) await taught[task]!.rest();
  if (replaced) warn?.(learned.length > 1 ? replaced : `${settings.tasks[learned[0]!]!.name}: ${replaced}`);
  const heads = learned.length > 1 ? learned.map((task) => settings.tasks[task]!) : [];
  const beside = again
    ? studentAgain(again, rng)
    : {
        ...headParameters(heads.length, shape.dimensions),
        ...balanceParameters(distillation.balance, learned.length),
      };
  return async (fit) => {
    const optimizer = studentOptimizer(distillation, histories.learned);
    const student = createFoldInStudent(engine, everything.columns, shape, start, optimizer, beside);
    try {
      const trained = trainedStudent(engine, student, heads);
      const { scores } = trained;
      await distillTasks(student, tasks, histories, distillation, {
        ...fit,
        ...(measure && { measure: () => measure((of) => scores(of, 0)) }),
      });
      for (const at of learned.keys()) refuseAbsurd((of) => scores(of, at), everything, rng);
      return { ...trained, weights: trained.weights(columnSums(everything)) };
    } catch (error) {
      student.parameters.dispose();
      throw error;
    }
  };
}

/** The answers of each task's teacher about the histories that the student is taught. */
async function askTeachers(
  learned: readonly number[],
  taught: readonly TaskTeacher[],
  { settings, everything, behaviours, isTaught, sample }: Asking,
  context: Fit,
): Promise<TaughtTask[]> {
  const { distillation } = settings;
  const tasks: TaughtTask[] = [];
  const each = LISTS_SHARE / learned.length;
  for (const task of learned) {
    const { teacher, lists, wake, rest } = taught[task]!;
    await wake();
    const { name, weight } = settings.tasks[task]!;
    const train = distillation.targets === 'unseen' ? pairsOf(everything, isTaught) : behaviours[task]!;
    const { source } = await askTeacher(
      askedWith(teacher, everything),
      distillation,
      { ...context, train },
      sample,
      { ...(lists && { cache: lists }) },
      tellPart(context, tasks.length * each, (tasks.length + 1) * each),
    );
    tasks.push({ name, weight, teacher: source, behaviour: task });
    if (!asksWhileTraining(distillation.losses)) await rest();
  }
  return tasks;
}

interface Asking {
  settings: TasksSettings;
  everything: Csr;
  behaviours: readonly Csr[];
  isTaught: (user: number) => boolean;
  sample: Csr;
}

function historiesOf(
  behaviours: readonly Csr[],
  read: Pick<TaskHistories, 'context' | 'whole'>,
  learned: readonly number[],
): TaskHistories {
  return { behaviours, ...read, learned: learned.map((task) => behaviours[task]!).reduce(unionRows) };
}

/** Draws the users who are taught, the same for the student and its controls. */
function drawTaught(everything: Csr, most: number, rng: Rng): (user: number) => boolean {
  const taught = new Set(rng.shuffle(usersWithHistory(everything)).subarray(0, most));
  return (user) => taught.has(user);
}

type NamedTypes = Pick<TasksSettings['tasks'][number], 'name' | 'types'>;

/** @param heads the tasks of a student with several, none for one task alone */
function trainedStudent(
  engine: Engine,
  student: FoldInStudent,
  heads: readonly NamedTypes[],
): Omit<TaskStudent, 'weights'> & { weights(popularity: Float32Array): StudentWeights } {
  const { read } = student.parameters;
  return {
    weights(popularity) {
      const weights = student.weights(popularity);
      if (heads.length === 0) return weights;
      const layers = heads.map(({ name, types }, task) => ({
        task: name,
        types,
        layer: readHead(read, task),
      }));
      return { ...weights, heads: layers };
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
    values: () => readNamed(student.parameters),
    dispose: () => student.parameters.dispose(),
  };
}
