import { packStudent } from '../../src/artifact/pack.ts';
import { quantizeRows } from '../../src/artifact/quantize.ts';
import type { StudentWeights } from '../../src/artifact/student-weights.ts';
import type { Report } from '../../src/domain/report.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/weighting.ts';
import { itemName, type Population } from './population.ts';
import { rightSingularVectors } from './singular-vectors.ts';

/** Enough of the users to learn the groups from. */
const TAUGHT = 10_000;

/** A student as parameter transfer makes it: the truncated SVD of histories as both of its matrices. */
export function trainStudent({ items, histories }: Population, width: number, seed: number): StudentWeights {
  const taught = histories.slice(0, TAUGHT);
  const scales = taught.map((rows) => 1 / Math.sqrt(rows.length));
  const matrix = quantizeRows(rightSingularVectors(taught, scales, items, width, seed), items, width);
  const popularity = new Float32Array(items);
  for (const rows of taught) for (const row of rows) popularity[row]!++;
  return {
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
