import { quantizeRows } from '../../../artifact/student/quantize.ts';
import type { QuantizedRows } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { roundRows } from '../../../student/rounding.ts';
import type { Engine, Tensor } from '../../../tensor/engine.ts';
import { readAndDispose } from '../../../tensor/read.ts';
import type { SparseBatch } from '../../../tensor/sparse.ts';
import type { OptimizerSettings } from '../../../tensor/train/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../../../tensor/train/parameters.ts';

export interface NetworkShape {
  /** Columns of the input: items, then what is said of the entity. */
  inputs: number;
  width: number;
  labels: number;
}

/**
 * v = relu(b + x E_in), logits = v E_out' + c. Teacher and student are both such a network, one wide, the other narrow and
 * rounded to int8.
 */
export interface LabelNetwork {
  parameters: Parameters;
  /** [B, labels]. @param gates [B, width] what each unit counts, for dropout; @param rounded as it will be stored */
  logits(p: NamedTensors, x: SparseBatch, gates?: Tensor, rounded?: boolean): Tensor;
  /** Of the weights as they are now, before rounding: [rows, labels] row-major. */
  answers(inputs: Csr): Float32Array;
  weights(): LabelLayers;
  dispose(): void;
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

/** @param shares [labels] how many of those with labels have each: where its bias starts */
export function createLabelNetwork(
  engine: Engine,
  { inputs, width, labels }: NetworkShape,
  shares: Float32Array,
  optimizer: OptimizerSettings,
  rng: Rng,
): LabelNetwork {
  const { tf } = engine;
  const normals = (length: number, deviation: number) =>
    Float32Array.from({ length }, () => deviation * rng.normal());
  const parameters = createParameters(
    engine,
    {
      into: { shape: [inputs, width], values: normals(inputs * width, 0.05) },
      bias: { shape: [width], values: new Float32Array(width).fill(0.01) },
      out: { shape: [labels, width], values: normals(labels * width, Math.sqrt(2 / (width + labels))) },
      labelBias: { shape: [labels], values: shares.map((share) => Math.log(share / (1 - share))) },
    },
    optimizer,
  );

  function logits(p: NamedTensors, x: SparseBatch, gates?: Tensor, rounded = false): Tensor {
    const asStored = (rows: Tensor) => (rounded ? roundRows(engine, rows, 'int8') : rows);
    const hidden = tf.relu(tf.add(engine.sparseMatMul(x, asStored(p.into!)), p.bias!));
    return engine.linearScores(gates ? tf.mul(hidden, gates) : hidden, asStored(p.out!), p.labelBias);
  }

  return {
    parameters,
    logits,
    answers(rows) {
      const all = new Float32Array(rows.rows * labels);
      for (let from = 0; from < rows.rows; from += ROWS_AT_ONCE) {
        const length = Math.min(ROWS_AT_ONCE, rows.rows - from);
        const x = engine.sparseRows(
          selectRows(
            rows,
            Int32Array.from({ length }, (_, i) => from + i),
          ),
        );
        const some = parameters.evaluate((p) => logits(p, x));
        x.dispose();
        all.set(readAndDispose(some), from * labels);
      }
      return all;
    },
    weights: () => ({
      into: quantizeRows(parameters.read('into'), inputs, width, 'int8'),
      bias: parameters.read('bias'),
      out: quantizeRows(parameters.read('out'), labels, width, 'int8'),
      labelBias: parameters.read('labelBias'),
    }),
    dispose: () => parameters.dispose(),
  };
}

export function parameterCount({ inputs, width, labels }: NetworkShape): number {
  return (inputs + labels + 1) * width + labels;
}
