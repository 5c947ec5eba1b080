import { packStudent } from '../../src/artifact/student/pack.ts';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { itemName, type Population } from './population.ts';
import { rightSingularVectors } from './singular-vectors.ts';

/** Enough of the users to learn the groups from. */
const TAUGHT = 10_000;

/** A student as parameter transfer makes it: the truncated SVD of histories as both of its matrices. */
export function trainStudent({ items, histories }: Population, width: number, seed: number): StudentWeights {
  return studentOfHistories(histories.slice(0, TAUGHT), items, width, seed).weights;
}

/**
 * @param histories item rows of each user
 * @returns the student, and its vectors before they were rounded, Float32 [items, width]
 */
export function studentOfHistories(
  histories: readonly ArrayLike<number>[],
  items: number,
  width: number,
  seed: number,
): { weights: StudentWeights; exact: Float32Array } {
  const scales = histories.map((rows) => 1 / Math.sqrt(rows.length));
  const exact = rightSingularVectors(histories, scales, items, width, seed);
  const matrix = quantizeRows(exact, items, width);
  const popularity = new Float32Array(items);
  for (const rows of histories) for (let i = 0; i < rows.length; i++) popularity[rows[i]!]++;
  const weights: StudentWeights = {
    itemsIn: matrix,
    itemsOut: matrix,
    userBias: new Float32Array(width),
    itemBias: new Float32Array(items),
    popularity,
    inner: null,
    quantization: 'int8',
    normalization: 'l2',
    activation: 'identity',
  };
  return { weights, exact };
}

/** The artifact of a version; what no training measured is not in its report. */
export function packVersion(weights: StudentWeights, model: string, jobId: string): Map<string, Buffer> {
  return packStudent({
    weights,
    items: Array.from({ length: weights.itemsOut.rows }, (_, row) => itemName(row)),
    report: { model, createdAt: new Date().toISOString() } as Report,
    draft: {
      kind: 'fold-in',
      model,
      jobId,
      weighting: DEFAULT_WEIGHTING,
      backend: { name: 'none' },
      summary: { metrics: {}, compressionRatio: 1 },
    },
  });
}
