import type { Rng } from '../../core/rng.ts';

const sizeOf = (shape: number[]) => shape.reduce((product, n) => product * n, 1);

export const zeros = (shape: number[]) => ({ shape, values: new Float32Array(sizeOf(shape)) });

/** Random numbers for a map from so many inputs: what it gives has their deviation. */
export function normal(shape: number[], inputs: number, rng: Rng) {
  const deviation = 1 / Math.sqrt(inputs);
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, () => deviation * rng.normal()) };
}
