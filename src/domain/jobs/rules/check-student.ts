import { freezeProblem } from '../../students/freeze-spec.ts';
import { quantizationProblem } from '../../students/quantization.ts';
import { studentOf } from '../../students/student-spec.ts';
import { learnsSets } from '../../tasks/labels-spec.ts';
import { SINGLE_KINDS } from '../../teachers/single.ts';
import { findKind, storedSpec, widthsOf } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** The first contradiction in a job's student or in its start from the teacher, named by its field, or null. */
export function studentProblem(spec: DistillationSpec): string | null {
  return (
    kindProblem(spec) ??
    bytesProblem(spec) ??
    solvedProblem(spec) ??
    recencyProblem(spec) ??
    transferProblem(spec) ??
    partsProblem(spec) ??
    frozenProblem(spec)
  );
}

function kindProblem({ student, task, distillation }: DistillationSpec): string | null {
  if (!student) return null;
  const { transfer } = distillation ?? {};
  const job = { ...(task && { task }), ...(transfer && { transfer }) };
  return studentOf(student.kind).problem(student, job) ?? quantizationProblem(student);
}

/** Finds an error in `mostBytes`, which chooses the width of students that rank items. */
function bytesProblem(spec: DistillationSpec): string | null {
  const { student, task } = spec;
  if (student?.mostBytes === undefined) return null;
  if (student.dimensions !== undefined) {
    return 'student.mostBytes chooses the dimensions; leave out student.dimensions or mostBytes';
  }
  if (task !== 'rating' && (task !== 'multi-label' || learnsSets(spec))) return null;
  return `student.mostBytes is for students that rank items; give student.dimensions for the task ${task}`;
}

/** Finds an error in `recency`: histories must have an order that the job reads. */
function recencyProblem({
  student,
  task = 'single-label',
  tasks,
  evaluation,
}: DistillationSpec): string | null {
  if (student?.recency === undefined || task === 'sequential') return null;
  const why = tasks
    ? 'the students of several tasks do not read'
    : task === 'single-label'
      ? undefined
      : `the task ${task} does not read`;
  if (why) {
    return `student.recency weighs items by the order of the history, which ${why}; leave it out, or use dataset.halfLifeDays`;
  }
  if (!evaluation?.coldItems || student.recency === 1) return null;
  return 'student.recency does not go with evaluation.coldItems, whose place in the histories is not known; leave out one of the two';
}

/** Finds an error between the student's form and the way it starts. */
function solvedProblem({ student, distillation, tasks }: DistillationSpec): string | null {
  const transfer = distillation?.transfer;
  if (student?.user !== 'solved') {
    if (transfer !== 'ials' || student?.user === undefined) return null;
    return 'distillation.transfer ials starts a student whose user vector is solved; use student.user solved, or transfer svd';
  }
  if (tasks)
    return 'student.user solved is for students of one task; leave it out, since those of several are summed';
  if (transfer === undefined || ['ials', 'svd', 'all', 'items', 'none'].includes(transfer)) return null;
  return `distillation.transfer ${transfer} is for students that are sums; use ials, svd or none for student.user solved`;
}

/** Refuses a job that wants parts of its teacher which only a published student has. */
function partsProblem({ teacher, distillation }: DistillationSpec): string | null {
  const transfer = distillation?.transfer;
  if (transfer !== 'all' && transfer !== 'layers') return null;
  if (storedSpec(teacher)?.part === 'student') return null;
  return `distillation.transfer ${transfer} takes over the parameters of a published student; name one as teacher, such as {"model":"movies","part":"student"}, or use svd or items`;
}

/** Finds an error in `freeze`. A student that takes the shape of a published one is checked when that one is read. */
function frozenProblem({ teacher, student, distillation }: DistillationSpec): string | null {
  const { freeze } = distillation ?? {};
  if (!freeze) return null;
  const isOpen = storedSpec(teacher)?.part === 'student';
  return freezeProblem(freeze, isOpen ? { hidden: 1, ...student } : { ...student });
}

/** A teacher that was left open, and auto, may come to have some. */
function hasNoLayers(teacher: DistillationSpec['teacher']): boolean {
  const entry = findKind(teacher?.kind);
  return entry !== undefined && entry.origin === 'trained' && !entry.layers;
}

const kindsWithLayers = () =>
  SINGLE_KINDS.filter(({ origin, layers, task }) => origin === 'trained' && layers && task === 'single-label')
    .map(({ kind }) => kind)
    .join(', ');

/**
 * Finds an error in `transfer`, as far as the job says which layers its teacher has; the others are checked when they are planned
 * and trained.
 */
function transferProblem({ teacher, student, distillation }: DistillationSpec): string | null {
  const transfer = distillation?.transfer;
  const hidden = widthsOf(teacher);
  const dimensions = student?.dimensions;
  if (teacher?.kind === 'external' && (transfer === 'copy' || transfer === 'neurons')) {
    return `distillation.transfer ${transfer} takes parameters of the teacher's model, and an external teacher has only its scores; use svd or none`;
  }
  if ((transfer === 'copy' || transfer === 'neurons') && hasNoLayers(teacher)) {
    return `distillation.transfer ${transfer} takes over layers of the teacher, and ${teacher!.kind} has none; use svd, ials or none, or a teacher with layers (${kindsWithLayers()})`;
  }
  if ((transfer === 'copy' || transfer === 'neurons') && (student?.tied || student?.hidden !== undefined)) {
    return `distillation.transfer ${transfer} fills two item matrices without a layer between them; leave out student.${student.tied ? 'tied' : 'hidden'}, or use svd`;
  }
  if (!hidden || dimensions === undefined) return null;
  const narrowest = Math.min(...hidden);
  if ((transfer === 'svd' || transfer === 'neurons') && dimensions > narrowest) {
    return `distillation.transfer ${transfer} gives at most ${narrowest} dimensions from teacher.hidden [${hidden}]; lower student.dimensions ${dimensions} to that, or leave transfer out`;
  }
  if (transfer === 'copy' && (hidden.length !== 1 || hidden[0] !== dimensions)) {
    return `distillation.transfer copy needs layers of equal shape: teacher.hidden [${dimensions}] for student.dimensions ${dimensions}; got [${hidden}]`;
  }
  return null;
}
