import type { Activation, StudentWeights } from '../artifact/student-weights.ts';
import { createRng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { OptimizerSettings } from '../tensor/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../tensor/parameters.ts';
import { readAndDispose } from '../tensor/read.ts';
import type { SparseBatch } from '../tensor/sparse.ts';
import { foldInput } from './fold-input.ts';
import type { NamedInitial, StudentNetwork, StudentOutput } from './network.ts';
import { roundRows } from './rounding.ts';
import type { StudentSettings } from './settings.ts';
import type { FoldInStart } from './start.ts';
import { storeRows } from './store-rows.ts';

/**
 * The student: v = act(b + norm * sum_i w_i E_in[i]), u = v or W'v + b2, scores = E_out u + c. Of sequences the weight also
 * falls with each newer item.
 */
export type FoldInStudent = StudentNetwork<SparseBatch>;

/** @param auxiliary parameters of the losses, trained beside the student's own */
export function createFoldInStudent(
  engine: Engine,
  items: number,
  settings: StudentSettings,
  start: FoldInStart,
  optimizer: OptimizerSettings,
  auxiliary: NamedInitial = {},
): FoldInStudent {
  const { tf } = engine;
  const { quantization } = settings;
  const parameters = createParameters(
    engine,
    { ...initialValues(items, settings, start), ...auxiliary },
    optimizer,
  );

  const input = (histories: Csr) => engine.sparseRows(foldInput(histories, settings));

  function network(p: NamedTensors, x: SparseBatch, rounded = false): StudentOutput {
    const asStored = (rows: Tensor) =>
      rounded && quantization !== 'pq' ? roundRows(engine, rows, quantization) : rows;
    const itemsOut = asStored(p.itemsOut!);
    const itemsIn = settings.tied ? itemsOut : asStored(p.itemsIn!);
    const first = activate(engine, settings.activation, tf.add(engine.sparseMatMul(x, itemsIn), p.userBias!));
    const user = p.inner ? tf.add(tf.matMul(first as never, p.inner as never), p.innerBias!) : first;
    return { user, items: itemsOut, itemBias: p.itemBias };
  }

  return {
    parameters,
    input,
    network,
    scores(histories) {
      const x = input(histories);
      const logits = parameters.evaluate((p) => {
        const { user, items: rows, itemBias } = network(p, x);
        return engine.linearScores(user, rows, itemBias);
      });
      x.dispose();
      return readAndDispose(logits);
    },
    weights: (popularity) => readWeights(parameters, items, settings, popularity),
  };
}

function initialValues(items: number, settings: StudentSettings, start: FoldInStart): NamedInitial {
  const { dimensions: d, hidden, tied, itemBias } = settings;
  const h = hidden ?? d;
  return {
    ...(tied ? {} : { itemsIn: { shape: [items, h], values: start.itemsIn } }),
    itemsOut: { shape: [items, d], values: start.itemsOut },
    userBias: { shape: [h], values: start.userBias ?? new Float32Array(h) },
    ...(hidden === null
      ? {}
      : {
          inner: { shape: [h, d], values: start.inner! },
          innerBias: { shape: [d], values: start.innerBias ?? new Float32Array(d) },
        }),
    ...(itemBias ? { itemBias: { shape: [items], values: start.itemBias } } : {}),
  };
}

function readWeights(
  parameters: Parameters,
  items: number,
  settings: StudentSettings,
  popularity: Float32Array,
): StudentWeights {
  const {
    dimensions: d,
    hidden,
    tied,
    itemBias,
    quantization,
    normalization,
    activation,
    recency,
  } = settings;
  // Codebooks are fitted from the weights alone: the same weights give the same codes, in a refit as anywhere.
  const rng = createRng(0);
  const stored = (name: string, width: number) =>
    storeRows(parameters.read(name), items, width, settings, rng.fork(name));
  const itemsOut = stored('itemsOut', d);
  return {
    itemsOut,
    itemsIn: tied ? itemsOut : stored('itemsIn', hidden ?? d),
    userBias: parameters.read('userBias'),
    inner: hidden === null ? null : { weights: parameters.read('inner'), bias: parameters.read('innerBias') },
    ...(recency !== undefined && { recency }),
    itemBias: itemBias ? parameters.read('itemBias') : new Float32Array(items),
    popularity,
    quantization,
    normalization,
    activation,
  };
}

function activate({ tf }: Engine, activation: Activation, x: Tensor): Tensor {
  if (activation === 'relu') return tf.relu(x);
  if (activation === 'tanh') return tf.tanh(x);
  return x;
}
