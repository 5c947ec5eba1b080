import type { StudentShape } from '../../../artifact/student/manifest.ts';
import { problem } from '../../../core/errors.ts';
import type { TaskSpec } from '../../../domain/base/task-spec.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { HEADS } from '../../../domain/students/kinds/sequential.ts';
import { QUANTIZATIONS } from '../../../domain/students/quantization.ts';
import type { StudentKind, StudentSpec } from '../../../domain/students/student-spec.ts';
import type { StudentSettings } from '../../../student/settings.ts';
import { widestWithin } from './widest-within.ts';

/**
 * Fills in what the job leaves open of its student.
 * @param like the published student that it follows, whose shape it takes
 * @throws problem('invalid-job') for more codes than items, or bytes that no student fits
 */
export function planStudent(spec: CompleteDistillation, items: number, like?: StudentShape): StudentSettings {
  const { student } = spec;
  if (student.mostBytes === undefined) return planWidth(spec, items, like);
  const planned = (dimensions: number) =>
    planWidth({ ...spec, student: { ...student, dimensions } }, items, like);
  return widestWithin(student.mostBytes, items, planned, spec.tasks?.length);
}

function planWidth(
  { student, task }: CompleteDistillation,
  items: number,
  like?: StudentShape,
): StudentSettings {
  const { codes } = student;
  const isSolved = student.user === undefined ? like?.solver !== undefined : student.user === 'solved';
  const hidden = student.hidden ?? like?.hidden ?? undefined;
  if (codes !== undefined && codes > items) {
    throw problem(
      'invalid-job',
      `student.codes ${codes} exceeds the ${items} items that the data gives; with more codes than items nothing is compressed, so at most ${items} fit`,
    );
  }
  const { usual: summed, own } = BY_KIND[student.kind](student, items, task);
  const usual = isSolved ? usualSolved(summed, student.tied ?? like?.tied) : summed;
  const dimensions = student.dimensions ?? like?.dimensions ?? usual.dimensions;
  return {
    kind: student.kind,
    dimensions,
    hidden: hidden ?? null,
    tied: student.tied ?? like?.tied ?? usual.tied,
    itemBias: student.itemBias ?? like?.itemBias ?? usual.itemBias,
    normalization: isSolved ? 'none' : (student.normalization ?? like?.normalization ?? 'l2'),
    activation: student.activation ?? like?.activation ?? (hidden === undefined ? 'identity' : 'relu'),
    ...(isSolved && { user: 'solved' }),
    quantization: student.quantization,
    codes: codes ?? Math.min(256, items),
    codeWidth: student.codeWidth ?? Math.min(4, dimensions),
    ...own,
  };
}

/** One matrix for both sides, of twice the width, takes the bytes of two. */
function usualSolved({ dimensions }: KindPlan['usual'], tied = true): KindPlan['usual'] {
  return { dimensions: tied ? 2 * dimensions : dimensions, tied, itemBias: false };
}

interface KindPlan {
  usual: Pick<StudentSettings, 'dimensions' | 'tied' | 'itemBias'>;
  /** Settings of this kind alone. */
  own: Pick<StudentSettings, 'encoder' | 'recency'>;
}

const BY_KIND: Record<StudentKind, (student: StudentSpec, items: number, task: TaskSpec) => KindPlan> = {
  'fold-in': ({ recency = RECENCY }, items, task) => ({
    usual: { dimensions: planDimensions(items), tied: false, itemBias: true },
    own: task === 'sequential' ? { recency } : {},
  }),
  sequential: ({ heads = HEADS, maxLength = 50 }, items) => ({
    usual: { dimensions: planReaderDimensions(items, heads), tied: true, itemBias: false },
    own: { encoder: { length: maxLength, heads } },
  }),
};

/** Weight of an item by that of the one after it, for a fold-in student that reads sequences. */
const RECENCY = 0.7;

const MOST_DIMENSIONS = 64;
const FEWEST_DIMENSIONS = 8;

/**
 * 64 where the catalogue is large enough for the student to stay ten times smaller than a full item-item matrix in
 * float32.
 */
function planDimensions(items: number): number {
  return Math.min(MOST_DIMENSIONS, Math.max(FEWEST_DIMENSIONS, Math.floor(items / 5)));
}

/** Half of a teacher's 64, so that int8 with one matrix for both sides is a tenth of its bytes. */
function planReaderDimensions(items: number, heads: number): number {
  return Math.max(1, Math.floor(Math.min(32, planDimensions(items)) / heads)) * heads;
}

/** The last quarter of the epochs sees the rounding, if the job does not refuse it; codebooks are fitted afterwards. */
export function planRoundedEpochs({ student }: CompleteDistillation, epochs: number): number {
  if (!QUANTIZATIONS[student.quantization].seenInTraining || student.quantizationAware === false) return 0;
  return Math.ceil(epochs / 4);
}
