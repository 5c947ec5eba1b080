import { type EncoderLayers, encoderShapes } from '../artifact/student/sequence-encoder.ts';
import type { Solver } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import type { EncoderSettings, StudentSettings } from './settings.ts';

/** Start values: N items, d dimensions, h the hidden width or d. */
export interface FoldInStart {
  /** [N, h] */
  itemsIn: Float32Array;
  /** [N, d] */
  itemsOut: Float32Array;
  /** [N] */
  itemBias: Float32Array;
  /** [h]; zeros without it. */
  userBias?: Float32Array;
  /** [h, d], with a hidden layer. */
  inner?: Float32Array;
  /** [d], with a hidden layer; zeros without it. */
  innerBias?: Float32Array;
  /** Where the user's vector is solved. */
  solver?: Solver;
  /** Layers of the sequence encoder, for a sequential student only. */
  encoder?: EncoderLayers;
  /**
   * Rows of the feature columns for the same matrices: [columns, h], [columns, d], [columns]. The matrices above then hold only
   * the rest of each item.
   */
  itemFeatures?: { itemsIn: Float32Array; itemsOut: Float32Array; itemBias: Float32Array };
  /** [columns, h] what features of users add. */
  userFeatures?: Float32Array;
}

type Shape = Pick<StudentSettings, 'dimensions' | 'hidden' | 'activation' | 'encoder' | 'user'>;

/** Standard deviation of the numbers in random item matrices. */
const DEVIATION = 0.05;

/** A solver for items of that deviation: the fixed part weighs as much as some of them. */
function plainSolver(dimensions: number): Solver {
  const square = DEVIATION ** 2;
  return { gram: new Float32Array(dimensions).fill(4 * square), perPair: square / 100, scale: 1 };
}

/** Random start for a student without a teacher. */
export function randomStart(items: number, shape: Shape, rng: Rng): FoldInStart {
  const { dimensions, hidden, encoder, user } = shape;
  const h = hidden ?? dimensions;
  const normals = (length: number, deviation: number) =>
    Float32Array.from({ length }, () => deviation * rng.normal());
  return {
    itemsIn: normals(items * h, DEVIATION),
    itemsOut: normals(items * dimensions, DEVIATION),
    itemBias: new Float32Array(items),
    inner: hidden === null ? undefined : normals(h * dimensions, 1 / Math.sqrt(h)),
    ...(encoder && { encoder: encoderStart(dimensions, encoder, rng) }),
    ...(user === 'solved' && { solver: plainSolver(dimensions) }),
  };
}

/**
 * A start without a hidden layer, [N, d] on both sides, led through one of width h. With relu two units carry one dimension,
 * relu(x) - relu(-x) = x, and with tanh one does, nearly, while it is small: with room enough the student begins as it would
 * without the layer. What there is no room for, and units that are left over, start small and random.
 */
export function throughHidden(
  start: FoldInStart,
  { dimensions: d, hidden, activation }: Shape,
  rng: Rng,
): FoldInStart {
  if (hidden === null) return start;
  const items = start.itemBias.length;
  const signs = activation === 'relu' ? [1, -1] : [1];
  const inner = new Float32Array(hidden * d);
  const itemsIn = Float32Array.from({ length: items * hidden }, () => 0.01 * rng.normal());
  let unit = 0;
  for (let k = 0; k < d; k++) {
    for (const sign of signs) {
      if (unit === hidden) break;
      for (let i = 0; i < items; i++) itemsIn[i * hidden + unit] = sign * start.itemsIn[i * d + k]!;
      inner[unit * d + k] = sign;
      unit++;
    }
  }
  for (; unit < hidden; unit++) {
    for (let k = 0; k < d; k++) inner[unit * d + k] = 0.01 * rng.normal();
  }
  return { ...start, itemsIn, inner };
}

/** Random layers; norms begin as they are, without gain or bias. */
export function encoderStart(dimensions: number, { length }: EncoderSettings, rng: Rng): EncoderLayers {
  const layers = Object.entries(encoderShapes(dimensions, length)).map(([name, [rows, columns]]) => {
    if (columns === undefined) return [name, new Float32Array(rows!).fill(name.endsWith('.gain') ? 1 : 0)];
    const deviation = name === 'positions' ? 0.05 : Math.sqrt(2 / (rows! + columns));
    return [name, Float32Array.from({ length: rows! * columns }, () => deviation * rng.normal())];
  });
  return Object.fromEntries(layers) as EncoderLayers;
}
