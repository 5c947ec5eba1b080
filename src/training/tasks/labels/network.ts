import { quantizeRows } from '../../../artifact/student/quantize.ts';
import type { QuantizedRows } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { roundRows } from '../../../student/rounding.ts';
import type { TeacherState } from '../../../teacher/contract.ts';
import { createFrozen, type Frozen } from '../../../teacher/stored/frozen.ts';
import type { Engine, Tensor } from '../../../tensor/engine.ts';
import { readAndDispose } from '../../../tensor/read.ts';
import type { SparseBatch } from '../../../tensor/sparse/batch.ts';
import type { NamedValues } from '../../../tensor/train/named-values.ts';
import type { OptimizerSettings } from '../../../tensor/train/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../../../tensor/train/parameters.ts';
import type { Held } from '../../run/holding.ts';

/** Kind of a network at rest: kept for other jobs, or stored with a version. */
export const LABEL_NETWORK = 'label-network';

export interface NetworkShape {
  /** Columns of the input: items, then what is said of the entity. */
  inputs: number;
  width: number;
  labels: number;
}

/**
 * A trained network, v = relu(b + x E_in), logits = v E_out' + c. Teacher and student are both such a network, one wide, the
 * other narrow and rounded to int8.
 */
export interface LabelNetwork extends NetworkShape, Held {
  /** Epochs that gave the best weights. */
  epochs: number;
  /** Logits before rounding, [rows, labels] row-major. */
  answers(inputs: Csr): Float32Array;
  weights(): LabelLayers;
  state(): TeacherState;
}

export interface LabelLayers {
  /** [inputs, width] */
  into: QuantizedRows;
  /** [width] */
  bias: Float32Array;
  /** [labels, width] */
  out: QuantizedRows;
  /** [labels] */
  labelBias: Float32Array;
}

const ROWS_AT_ONCE = 1024;

/**
 * @param shares [labels] how many of those with labels have each: where its bias starts
 * @param before weights to start from in place of random ones
 */
export function startNetwork(
  engine: Engine,
  { inputs, width, labels }: NetworkShape,
  shares: Float32Array,
  optimizer: OptimizerSettings,
  rng: Rng,
  before: NamedValues = {},
): Parameters {
  const normals = (length: number, deviation: number) =>
    Float32Array.from({ length }, () => deviation * rng.normal());
  return createParameters(
    engine,
    {
      into: { shape: [inputs, width], values: normals(inputs * width, 0.05) },
      bias: { shape: [width], values: new Float32Array(width).fill(0.01) },
      out: { shape: [labels, width], values: normals(labels * width, Math.sqrt(2 / (width + labels))) },
      labelBias: { shape: [labels], values: shares.map((share) => Math.log(share / (1 - share))) },
      ...before,
    },
    optimizer,
  );
}

/** [B, labels]. @param gates [B, width] what each unit counts, for dropout; @param rounded as it will be stored */
export function labelLogits(
  engine: Engine,
  p: NamedTensors,
  x: SparseBatch,
  gates?: Tensor,
  rounded = false,
): Tensor {
  const { tf } = engine;
  const asStored = (rows: Tensor) => (rounded ? roundRows(engine, rows, 'int8') : rows);
  const hidden = tf.relu(tf.add(engine.sparseMatMul(x, asStored(p.into!)), p.bias!));
  return engine.linearScores(gates ? tf.mul(hidden, gates) : hidden, asStored(p.out!), p.labelBias);
}

/** Logits of a network as it is now, [rows, labels] row-major. */
export function answersOf(
  engine: Engine,
  { evaluate }: Pick<Frozen, 'evaluate'>,
  inputs: Csr,
  labels: number,
  logitsOf: (engine: Engine, p: NamedTensors, x: SparseBatch) => Tensor = labelLogits,
): Float32Array {
  const all = new Float32Array(inputs.rows * labels);
  for (let from = 0; from < inputs.rows; from += ROWS_AT_ONCE) {
    const length = Math.min(ROWS_AT_ONCE, inputs.rows - from);
    const rows = Int32Array.from({ length }, (_, i) => from + i);
    const x = engine.sparseRows(selectRows(inputs, rows));
    const some = evaluate((p) => logitsOf(engine, p, x));
    x.dispose();
    all.set(readAndDispose(some), from * labels);
  }
  return all;
}

/** A network from its plain values, as training ended with them or as they were kept. */
export function restoreNetwork(engine: Engine, state: TeacherState): LabelNetwork {
  const { tensors, epochs } = state;
  const [inputs, width] = tensors.into!.shape as [number, number];
  const labels = tensors.out!.shape[0]!;
  const frozen = createFrozen(engine, tensors);
  return {
    ...{ inputs, width, labels, epochs },
    answers: (rows) => answersOf(engine, frozen, rows, labels),
    weights: () => ({
      into: quantizeRows(frozen.read('into'), inputs, width, 'int8'),
      bias: frozen.read('bias'),
      out: quantizeRows(frozen.read('out'), labels, width, 'int8'),
      labelBias: frozen.read('labelBias'),
    }),
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

export function parameterCount({ inputs, width, labels }: NetworkShape): number {
  return (inputs + labels + 1) * width + labels;
}
