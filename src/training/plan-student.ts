import type { StudentShape } from '../artifact/manifest.ts';
import { problem } from '../core/errors.ts';
import type { CompleteDistillation } from '../domain/complete-distillation.ts';
import type { FoldInSettings } from '../student/settings.ts';

/**
 * What the job leaves open of its student.
 * @param like the published student that it follows, whose shape it takes
 * @throws problem('invalid-job') for more codes than items
 */
export function planStudent(
  { student }: CompleteDistillation,
  items: number,
  like?: StudentShape,
): FoldInSettings {
  const { codes } = student;
  const hidden = student.hidden ?? like?.hidden ?? undefined;
  if (codes !== undefined && codes > items) {
    throw problem(
      'invalid-job',
      `student.codes ${codes} exceeds the ${items} items that the data gives; with more codes than items nothing is compressed, so at most ${items} fit`,
    );
  }
  const dimensions = student.dimensions ?? like?.dimensions ?? planDimensions(items);
  return {
    kind: 'fold-in',
    dimensions,
    hidden: hidden ?? null,
    tied: student.tied ?? like?.tied ?? false,
    itemBias: student.itemBias ?? like?.itemBias ?? true,
    normalization: student.normalization ?? like?.normalization ?? 'l2',
    activation: student.activation ?? like?.activation ?? (hidden === undefined ? 'identity' : 'relu'),
    quantization: student.quantization,
    codes: codes ?? Math.min(256, items),
    codeWidth: student.codeWidth ?? Math.min(4, dimensions),
  };
}

const MOST_DIMENSIONS = 64;
const FEWEST_DIMENSIONS = 8;

/**
 * 64 where the catalogue is large enough for the student to stay ten times smaller than a full item-item matrix in
 * float32.
 */
function planDimensions(items: number): number {
  return Math.min(MOST_DIMENSIONS, Math.max(FEWEST_DIMENSIONS, Math.floor(items / 5)));
}

/** The last quarter of the epochs sees the rounding, if the job does not refuse it; codebooks are fitted afterwards. */
export function planRoundedEpochs({ student }: CompleteDistillation, epochs: number): number {
  if (student.quantization === 'pq' || student.quantizationAware === false) return 0;
  return Math.ceil(epochs / 4);
}
