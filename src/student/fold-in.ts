import { quantizeRows } from '../artifact/quantize.ts';
import type { Activation, Normalization, StudentWeights } from '../artifact/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import { scaleRows } from '../dataset/batches.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { OptimizerSettings } from '../tensor/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../tensor/parameters.ts';
import { readAndDispose } from '../tensor/read.ts';
import type { SparseBatch } from '../tensor/sparse.ts';

export interface FoldInSettings {
  kind: 'fold-in';
  dimensions: number;
  quantization: 'int8';
  normalization: Normalization;
  activation: Activation;
}

/** Start values; matrices are [items, dimensions]. */
export interface FoldInStart {
  itemsIn: Float32Array;
  itemsOut: Float32Array;
  /** [items] */
  itemBias: Float32Array;
}

/**
 * The student: u = act(b + norm * sum_i w_i E_in[i]), scores = E_out u + c. A user's vector comes from the history
 * alone, so that new users and new clicks need no training.
 */
export interface FoldInStudent {
  parameters: Parameters;
  /** Histories as the network takes them: weighed and normalised. Dispose the batch. */
  input(histories: Csr): SparseBatch;
  /** Logits [B, items] */
  network(p: NamedTensors, x: SparseBatch): Tensor;
  /** Scores as Float32 of the weights as they are now, before rounding: [rows, items] row-major. */
  scores(histories: Csr): Float32Array;
  /** @param popularity [items] */
  weights(popularity: Float32Array): StudentWeights;
}

export function createFoldInStudent(
  engine: Engine,
  items: number,
  settings: FoldInSettings,
  start: FoldInStart,
  optimizer: OptimizerSettings,
): FoldInStudent {
  const { tf } = engine;
  const d = settings.dimensions;
  const parameters = createParameters(
    engine,
    {
      itemsIn: { shape: [items, d], values: start.itemsIn },
      itemsOut: { shape: [items, d], values: start.itemsOut },
      userBias: { shape: [d], values: new Float32Array(d) },
      itemBias: { shape: [items], values: start.itemBias },
    },
    optimizer,
  );

  const input = (histories: Csr) => engine.sparseRows(scaleRows(histories, settings.normalization));

  function network(p: NamedTensors, x: SparseBatch): Tensor {
    const sum = tf.add(engine.sparseMatMul(x, p.itemsIn!), p.userBias!);
    return engine.linearScores(activate(engine, settings.activation, sum), p.itemsOut!, p.itemBias!);
  }

  return {
    parameters,
    input,
    network,
    scores(histories) {
      const x = input(histories);
      const logits = parameters.evaluate((p) => network(p, x));
      x.dispose();
      return readAndDispose(logits);
    },
    weights: (popularity) => ({
      itemsIn: quantizeRows(parameters.read('itemsIn'), items, d),
      itemsOut: quantizeRows(parameters.read('itemsOut'), items, d),
      userBias: parameters.read('userBias'),
      itemBias: parameters.read('itemBias'),
      popularity,
      normalization: settings.normalization,
      activation: settings.activation,
    }),
  };
}

function activate({ tf }: Engine, activation: Activation, x: Tensor): Tensor {
  if (activation === 'relu') return tf.relu(x);
  if (activation === 'tanh') return tf.tanh(x);
  return x;
}

/** Random start for a student without a teacher. */
export function randomStart(items: number, dimensions: number, rng: Rng): FoldInStart {
  const matrix = () => Float32Array.from({ length: items * dimensions }, () => 0.05 * rng.normal());
  return { itemsIn: matrix(), itemsOut: matrix(), itemBias: new Float32Array(items) };
}
