import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { quantizeRows } from '../../src/artifact/quantize.ts';
import type { StudentWeights } from '../../src/artifact/student-weights.ts';
import { createRng } from '../../src/core/rng.ts';

const FILE = '../shared/data/gowalla/train.csv.gz';
const ROUNDS = 4;
const SPARE = 8;

export interface TrainedStudent {
  weights: StudentWeights;
  /** Float32 [items, width]: the same vectors before they were rounded to int8. */
  exact: Float32Array;
  /** Item rows of each user. */
  histories: number[][];
}

/**
 * A student of gowalla as parameter transfer makes it: the truncated SVD of the users' l2-scaled histories as both of
 * its matrices. Null when the data set is not there.
 */
export function trainOnGowalla(width: number, seed = 1): TrainedStudent | null {
  if (!existsSync(FILE)) return null;
  const { histories, items } = readHistories();
  const weights = histories.map((rows) => 1 / Math.sqrt(rows.length));
  const exact = rightSingularVectors(histories, weights, items, width, seed);
  const popularity = new Float32Array(items);
  for (const rows of histories) for (const row of rows) popularity[row]++;
  const matrix = quantizeRows(exact, items, width);
  return {
    exact,
    histories,
    weights: {
      itemsIn: matrix,
      itemsOut: matrix,
      userBias: new Float32Array(width),
      itemBias: new Float32Array(items),
      popularity,
      inner: null,
      quantization: 'int8',
      normalization: 'l2',
      activation: 'identity',
    },
  };
}

function readHistories(): { histories: number[][]; items: number } {
  const rowOf = new Map<string, number>();
  const byUser = new Map<string, number[]>();
  for (const line of gunzipSync(readFileSync(FILE)).toString().split('\n').slice(1)) {
    const [user, item] = line.split(',');
    if (!user || !item) continue;
    if (!rowOf.has(item)) rowOf.set(item, rowOf.size);
    const rows = byUser.get(user) ?? [];
    rows.push(rowOf.get(item)!);
    byUser.set(user, rows);
  }
  return { histories: [...byUser.values()], items: rowOf.size };
}

/** Subspace iteration on X^T X. Float32 [items, width], each direction scaled by the root of its singular value. */
function rightSingularVectors(
  histories: number[][],
  weights: number[],
  items: number,
  width: number,
  seed: number,
): Float32Array {
  const rng = createRng(seed);
  const size = width + SPARE;
  let basis = Float64Array.from({ length: items * size }, () => rng.normal());
  let lengths = orthonormalizeColumns(basis, items, size);
  for (let round = 0; round < ROUNDS; round++) {
    basis = applyTwice(histories, weights, basis, items, size);
    lengths = orthonormalizeColumns(basis, items, size);
  }
  const out = new Float32Array(items * width);
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < width; k++) out[i * width + k] = basis[i * size + k] * lengths[k]! ** 0.25;
  }
  return out;
}

function applyTwice(
  histories: number[][],
  weights: number[],
  basis: Float64Array,
  items: number,
  size: number,
) {
  const next = new Float64Array(items * size);
  const sum = new Float64Array(size);
  histories.forEach((rows, user) => {
    const weight = weights[user]! ** 2;
    sum.fill(0);
    for (const row of rows) for (let k = 0; k < size; k++) sum[k] += basis[row * size + k];
    for (const row of rows) for (let k = 0; k < size; k++) next[row * size + k] += weight * sum[k];
  });
  return next;
}

/** Gram-Schmidt; answers the columns' lengths before they were scaled. */
function orthonormalizeColumns(basis: Float64Array, rows: number, size: number): number[] {
  const lengths: number[] = [];
  for (let j = 0; j < size; j++) {
    for (let before = 0; before < j; before++) {
      let dot = 0;
      for (let i = 0; i < rows; i++) dot += basis[i * size + j] * basis[i * size + before];
      for (let i = 0; i < rows; i++) basis[i * size + j] -= dot * basis[i * size + before];
    }
    let squared = 0;
    for (let i = 0; i < rows; i++) squared += basis[i * size + j] ** 2;
    const length = Math.sqrt(squared);
    lengths.push(length);
    for (let i = 0; i < rows; i++) basis[i * size + j] /= length;
  }
  return lengths;
}
