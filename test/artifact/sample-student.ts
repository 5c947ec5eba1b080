import type { ManifestDraft, StudentShape } from '../../src/artifact/student/manifest.ts';
import { packStudent, type StudentPackage } from '../../src/artifact/student/pack.ts';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import { type EncoderLayers, encoderShapes } from '../../src/artifact/student/sequence-encoder.ts';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { productQuantize } from '../../src/student/fit-codes.ts';

/** Random weights [items, dimensions]; the same for the same seed. */
export function sampleWeights(items: number, dimensions: number, seed = 1): StudentWeights {
  const rng = createRng(seed);
  return {
    itemsIn: quantizeRows(normals(rng, items * dimensions), items, dimensions),
    itemsOut: quantizeRows(normals(rng, items * dimensions), items, dimensions),
    userBias: normals(rng, dimensions),
    itemBias: normals(rng, items),
    popularity: Float32Array.from({ length: items }, () => rng.int(20)),
    inner: null,
    quantization: 'int8',
    normalization: 'l2',
    activation: 'identity',
  };
}

/** The same student with its item matrices as product codes. */
export function productWeights(): StudentWeights {
  const rng = createRng(4);
  const coded = () => productQuantize(normals(rng, 40 * 5), 40, 5, { codes: 8, codeWidth: 2 }, rng);
  return { ...sampleWeights(40, 5), itemsIn: coded(), itemsOut: coded(), quantization: 'pq' };
}

function fourBitWeights(): StudentWeights {
  const rng = createRng(5);
  const rounded = () => quantizeRows(normals(rng, 9 * 5), 9, 5, 'int4');
  return { ...sampleWeights(9, 5), itemsIn: rounded(), itemsOut: rounded(), quantization: 'int4' };
}

function hiddenWeights(): StudentWeights {
  const rng = createRng(6);
  return {
    ...sampleWeights(9, 5),
    itemsIn: quantizeRows(normals(rng, 9 * 7), 9, 7),
    userBias: normals(rng, 7),
    inner: { weights: normals(rng, 7 * 5), bias: normals(rng, 5) },
    activation: 'relu',
  };
}

function tiedWeights(): StudentWeights {
  const weights = sampleWeights(9, 5);
  return { ...weights, itemsIn: weights.itemsOut, itemBias: new Float32Array(9) };
}

/** Two tasks, each with its own map of the user. */
export function twoTaskWeights(items = 9, dimensions = 5): StudentWeights {
  const rng = createRng(7);
  const layer = () => ({ weights: normals(rng, dimensions * dimensions), bias: normals(rng, dimensions) });
  return {
    ...sampleWeights(items, dimensions),
    heads: [
      { task: 'buy', types: ['buy'], layer: layer() },
      { task: 'look', types: ['click', 'view'], layer: layer() },
    ],
  };
}

/** Reads the newest four items of a history in their order. */
export function readingWeights(items = 9): StudentWeights {
  const rng = createRng(7);
  const layers = Object.entries(encoderShapes(6, 4)).map(([name, [rows, columns = 1]]) => [
    name,
    normals(rng, rows! * columns),
  ]);
  return {
    ...sampleWeights(items, 6),
    userBias: new Float32Array(6),
    encoder: { length: 4, heads: 3, layers: Object.fromEntries(layers) as EncoderLayers },
  };
}

/** Every way to store a student, with what its manifest must say. */
export const studentShapes: [string, StudentWeights, Partial<StudentShape>][] = [
  ['four bits a number', fourBitWeights(), { quantization: 'int4', dimensions: 5 }],
  ['product codes', productWeights(), { quantization: 'pq', items: 40, dimensions: 5 }],
  ['a hidden layer', hiddenWeights(), { hidden: 7, dimensions: 5, activation: 'relu' }],
  [
    'two tasks',
    twoTaskWeights(),
    {
      tasks: [
        { name: 'buy', types: ['buy'] },
        { name: 'look', types: ['click', 'view'] },
      ],
    },
  ],
  ['an encoder of sequences', readingWeights(), { encoder: { length: 4, heads: 3 }, dimensions: 6 }],
  ['weights that fade', { ...sampleWeights(9, 5), recency: 0.7 }, { recency: 0.7 }],
  ['one matrix and no item bias', tiedWeights(), { tied: true, itemBias: false }],
];

/** Items are called item-0, item-1, ... */
export function samplePackage(weights = sampleWeights(20, 4), model = 'movies'): StudentPackage {
  const { rows: items } = weights.itemsOut;
  const draft: ManifestDraft = {
    kind: 'fold-in',
    model,
    jobId: 'job-1',
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
