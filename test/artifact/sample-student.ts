import type { ManifestDraft } from '../../src/artifact/manifest.ts';
import { packStudent, type StudentPackage } from '../../src/artifact/pack.ts';
import { quantizeRows } from '../../src/artifact/quantize.ts';
import type { StudentWeights } from '../../src/artifact/student-weights.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import type { Report } from '../../src/domain/report.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/weighting.ts';

/** Random weights [items, dimensions]; the same for the same seed. */
export function sampleWeights(items: number, dimensions: number, seed = 1): StudentWeights {
  const rng = createRng(seed);
  return {
    itemsIn: quantizeRows(normals(rng, items * dimensions), items, dimensions),
    itemsOut: quantizeRows(normals(rng, items * dimensions), items, dimensions),
    userBias: normals(rng, dimensions),
    itemBias: normals(rng, items),
    popularity: Float32Array.from({ length: items }, () => rng.int(20)),
    normalization: 'l2',
    activation: 'identity',
  };
}

/** Items are called item-0, item-1, ... */
export function samplePackage(weights = sampleWeights(20, 4), model = 'movies'): StudentPackage {
  const { rows: items, width: dimensions } = weights.itemsOut;
  const draft: ManifestDraft = {
    kind: 'fold-in',
    model,
    jobId: 'job-1',
    items,
    dimensions,
    quantization: 'int8',
    normalization: weights.normalization,
    activation: weights.activation,
    weighting: DEFAULT_WEIGHTING,
    backend: { name: 'none' },
    summary: { metrics: { student: { 'ndcg@10': 0.3 } }, compressionRatio: 12 },
  };
  return {
    weights,
    items: Array.from({ length: items }, (_, row) => `item-${row}`),
    report: { model, createdAt: '2026-01-02T03:04:05.000Z' } as Report,
    draft,
  };
}

export function sampleFiles(weights?: StudentWeights, model?: string): Map<string, Buffer> {
  return packStudent(samplePackage(weights, model));
}

export function normals(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}
