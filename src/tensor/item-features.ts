import type { Rng } from '../core/rng.ts';
import { composeRows } from '../features/compose.ts';
import type { Bags } from '../features/encoding.ts';
import type { Engine, Tensor } from './engine.ts';
import type { NamedTensors } from './train/parameters.ts';

/**
 * Matrices of items to which their features add rows: E + F T, E [N, w] or [N] the items' own, F [N, c] sparse, T [c, w]. In
 * training a share of the items is without their own rows at each step, so that T learns to stand alone for items that nobody has
 * seen (Volkovs, Yu & Poutanen, DropoutNet, NIPS 2017).
 */
export interface ItemFeatures {
  /** The tables by the names of their parameters. @param start by the names of the matrices; zeros without it */
  initial(start?: Record<string, Float32Array>): Record<string, { shape: number[]; values: Float32Array }>;
  /** [N, 1], 0 for items that are hidden at a step; the caller disposes it. */
  draw(rng: Rng): Tensor;
  /** A matrix with what features add. @param keep as drawn */
  rows(p: NamedTensors, name: string, keep?: Tensor): Tensor;
  /** Table of the items as plain numbers. */
  composed(read: (name: string) => Float32Array, name: string): Float32Array;
  table(read: (name: string) => Float32Array, name: string): Float32Array;
  dispose(): void;
}

/** @param widths of the matrices by their names; 1 for a vector */
export function createItemFeatures(
  engine: Engine,
  { bags, hide }: { bags: Bags; hide: number },
  widths: Readonly<Record<string, number>>,
): ItemFeatures {
  const { tf } = engine;
  const features = engine.sparseRows(bags);
  const tableOf = (name: string) => `features.${name}`;
  return {
    initial: (start = {}) =>
      Object.fromEntries(
        Object.entries(widths).map(([name, width]) => [
          tableOf(name),
          {
            shape: [bags.columns, width],
            values: start[name] ?? new Float32Array(bags.columns * width),
          },
        ]),
      ),
    draw: (rng) =>
      tf.tensor2d(
        Float32Array.from({ length: bags.rows }, () => Number(rng.next() >= hide)),
        [bags.rows, 1],
      ),
    rows(p, name, keep) {
      const { shape } = p[name]!;
      const own = tf.reshape(p[name]!, [bags.rows, widths[name]!]);
      const added = engine.sparseMatMul(features, p[tableOf(name)]!);
      return tf.reshape(tf.add(keep ? tf.mul(own, keep) : own, added), shape);
    },
    composed: (read, name) =>
      composeRows({ width: widths[name]!, values: read(tableOf(name)) }, bags, read(name)),
    table: (read, name) => read(tableOf(name)),
    dispose: () => features.dispose(),
  };
}
