import { type Csr, rowItems } from '../../dataset/matrix.ts';
import type { CombineKind } from '../../domain/teachers/several/ensemble.ts';

/** The way in which several teachers become one. */
export interface Combining {
  combine: CombineKind;
  /** The temperature of the softmaxes; for 'distributions'. */
  temperature: number;
  /** The constant that is added to each rank; for reciprocal ranks. */
  constant: number;
}

/** The logarithm that a teacher which says nothing of a user adds to a sum of distributions. */
const SILENCE = -1e4;

/**
 * One member's scores in the terms in which they are added up. A row that is the same everywhere says nothing and changes
 * no order.
 * @param scores [rows, items], written over
 * @param own [rows, items] what each user has: it takes no share and no rank from the other items
 */
export function termOf(scores: Float32Array, own: Csr, how: Combining): Float32Array {
  const items = own.columns;
  for (let r = 0; r < own.rows; r++) {
    const row = scores.subarray(r * items, (r + 1) * items);
    if (how.combine === 'average') standardize(row);
    else if (how.combine === 'distributions') logShares(row, rowItems(own, r), how.temperature);
    else reciprocalRanks(row, rowItems(own, r), how.constant);
  }
  return scores;
}

/** Adds a member's term to the sum of those before it. The first sum is that of `nothing`. */
export function addTerm(sum: Float32Array, term: Float32Array, share: number, { combine }: Combining): void {
  if (combine !== 'distributions') {
    for (let i = 0; i < sum.length; i++) sum[i]! += share * term[i]!;
    return;
  }
  const weight = Math.log(share);
  for (let i = 0; i < sum.length; i++) {
    const [a, b] = [sum[i]!, term[i]! + weight];
    const greater = Math.max(a, b);
    sum[i] = greater + Math.log1p(Math.exp(Math.min(a, b) - greater));
  }
}

export function nothing(size: number, { combine }: Combining): Float32Array {
  return new Float32Array(size).fill(combine === 'distributions' ? 2 * SILENCE : 0);
}

/** A row of less variance is constant up to rounding. */
export const LEAST_VARIANCE = 1e-20;

/** Mean 0 and deviation 1; a constant row becomes 0. */
function standardize(row: Float32Array): void {
  let mean = 0;
  for (let i = 0; i < row.length; i++) mean += row[i]! / row.length;
  let variance = 0;
  for (let i = 0; i < row.length; i++) variance += (row[i]! - mean) ** 2 / row.length;
  const scale = variance > LEAST_VARIANCE ? 1 / Math.sqrt(variance) : 0;
  for (let i = 0; i < row.length; i++) row[i] = scale * (row[i]! - mean);
}

/**
 * Logarithms of the softmax of the standardized row over all items but the own ones. An own item gets what it would have
 * among them.
 */
function logShares(row: Float32Array, own: Int32Array, temperature: number): void {
  standardize(row);
  let greatest = Number.NEGATIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  const isOwn = new Set(own);
  for (let i = 0; i < row.length; i++) {
    row[i]! /= temperature;
    least = Math.min(least, row[i]!);
    if (!isOwn.has(i)) greatest = Math.max(greatest, row[i]!);
  }
  if (!(greatest > least)) {
    row.fill(SILENCE);
    return;
  }
  let sum = 0;
  for (let i = 0; i < row.length; i++) if (!isOwn.has(i)) sum += Math.exp(row[i]! - greatest);
  const whole = greatest + Math.log(sum);
  for (let i = 0; i < row.length; i++) row[i]! -= whole;
}

/**
 * Reciprocal rank fusion (Cormack, Clarke & Buettcher, SIGIR 2009): 1 / (constant + rank), ranks from 1. The rank of an item
 * is told by the items before it that are not the user's own; equal scores share the best of their ranks.
 */
function reciprocalRanks(row: Float32Array, own: Int32Array, constant: number): void {
  const isOwn = new Set(own);
  const others = new Float32Array(row.length - isOwn.size);
  let n = 0;
  for (let i = 0; i < row.length; i++) if (!isOwn.has(i)) others[n++] = row[i]!;
  others.sort();
  for (let i = 0; i < row.length; i++) row[i] = 1 / (constant + 1 + countAbove(others, row[i]!));
}

/** Returns how many of the ascending values are greater. */
function countAbove(ascending: Float32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return ascending.length - low;
}
