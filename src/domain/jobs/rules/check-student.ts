import { freezeProblem } from '../../students/freeze-spec.ts';
import type { StudentSpec } from '../../students/student-spec.ts';
import { storedSpec, widthsOf } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** The first contradiction in a job's student or in its start from the teacher, named by its field, or null. */
export function studentProblem(spec: DistillationSpec): string | null {
  const { student } = spec;
  return (
    (student ? (orderProblem(spec, student) ?? layerProblem(student) ?? codeProblem(student)) : null) ??
    transferProblem(spec) ??
    partsProblem(spec) ??
    frozenProblem(spec)
  );
}

/** What only a published student has to give. */
function partsProblem({ teacher, distillation }: DistillationSpec): string | null {
  const transfer = distillation?.transfer;
  if (transfer !== 'all' && transfer !== 'layers') return null;
  if (storedSpec(teacher)?.part === 'student') return null;
  return `distillation.transfer ${transfer} takes over the parameters of a published student; name one as teacher, such as {"model":"movies","part":"student"}, or use svd or items`;
}

/** A student that takes the shape of a published one is looked at when that is read. */
function frozenProblem({ teacher, student, distillation }: DistillationSpec): string | null {
  const { freeze } = distillation ?? {};
  if (!freeze) return null;
  const isOpen = storedSpec(teacher)?.part === 'student';
  return freezeProblem(freeze, isOpen ? { hidden: 1, ...student } : { ...student });
}

const OF_SUMS = ['hidden', 'normalization', 'activation', 'recency'] as const;
const OF_READERS = ['maxLength', 'heads'] as const;

function orderProblem({ task, distillation }: DistillationSpec, student: StudentSpec): string | null {
  const { kind, heads = 2, dimensions, recency } = student;
  if (kind === 'sequential') {
    if (task !== 'sequential') {
      return 'student.kind sequential reads the order of the histories; add "task": "sequential", or use fold-in';
    }
    const odd = OF_SUMS.find((name) => student[name] !== undefined);
    if (odd) return `student.${odd} belongs to fold-in; leave it out for sequential`;
    if (dimensions !== undefined && dimensions % heads !== 0) {
      return `student.dimensions ${dimensions} must be a multiple of student.heads ${heads}, since each head has an equal share of them`;
    }
    const transfer = distillation?.transfer;
    if (transfer === undefined || transfer === 'svd' || transfer === 'none') return null;
    return `distillation.transfer ${transfer} is for students that are sums; use svd or none for student.kind sequential`;
  }
  const odd = OF_READERS.find((name) => student[name] !== undefined);
  if (odd) return `student.${odd} belongs to sequential; leave it out for fold-in`;
  if (recency === undefined || task === 'sequential') return null;
  return 'student.recency weighs items by the order of the history; add "task": "sequential", or use dataset.halfLifeDays';
}

function layerProblem({ tied, hidden, activation }: StudentSpec): string | null {
  if (tied && hidden !== undefined) {
    return `student.tied needs both item matrices of one width, and hidden ${hidden} stands between them; leave out one of the two`;
  }
  if (hidden !== undefined && activation === 'identity') {
    return 'student.activation identity makes the hidden layer a detour; use relu or tanh, or leave out student.hidden';
  }
  return null;
}

function codeProblem(student: StudentSpec): string | null {
  const { quantization, quantizationAware, codes, codeWidth, dimensions } = student;
  if (quantization === 'pq') {
    if (quantizationAware) {
      return 'student.quantizationAware rounds to int8 or int4; leave it out for pq, whose codebooks are fitted after training';
    }
    if (codeWidth !== undefined && dimensions !== undefined && codeWidth > dimensions) {
      return `student.codeWidth ${codeWidth} exceeds student.dimensions ${dimensions}; it must be at most that`;
    }
    return null;
  }
  const odd = codes !== undefined ? 'codes' : codeWidth !== undefined ? 'codeWidth' : undefined;
  return odd ? `student.${odd} belongs to quantization pq; leave it out for ${quantization ?? 'int8'}` : null;
}

/** Only with a teacher whose layers are written down; the others are looked at when they are planned and trained. */
function transferProblem({ teacher, student, distillation }: DistillationSpec): string | null {
  const transfer = distillation?.transfer;
  const hidden = widthsOf(teacher);
  const dimensions = student?.dimensions;
  if (teacher?.kind === 'external' && (transfer === 'copy' || transfer === 'neurons')) {
    return `distillation.transfer ${transfer} takes parameters of the teacher's model, and an external teacher has only its scores; use svd or none`;
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
