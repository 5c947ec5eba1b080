import {
  type EncoderLayer,
  type EncoderLayers,
  encoderShapes,
} from '../artifact/student/sequence-encoder.ts';
import type { StudentWeights } from '../artifact/student/student-weights.ts';
import { createRng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import { type Sequences, toSequences } from '../dataset/sequences.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import { readAndDispose } from '../tensor/read.ts';
import { attend, newestMask } from '../tensor/sequence/attention.ts';
import { layerNorm } from '../tensor/sequence/layer-norm.ts';
import type { OptimizerSettings } from '../tensor/train/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../tensor/train/parameters.ts';
import type { NamedInitial, StudentNetwork, StudentOutput } from './network.ts';
import { roundedRows } from './rounding.ts';
import type { EncoderSettings, StudentSettings } from './settings.ts';
import type { FoldInStart } from './start.ts';
import { storeRows } from './store-rows.ts';

type SequenceInput = Sequences & { dispose(): void };

/** The student whose user vector is read off the order of the history, see artifact/sequence-encoder.ts. */
export function createSequentialStudent(
  engine: Engine,
  items: number,
  settings: StudentSettings & { encoder: EncoderSettings },
  start: FoldInStart & { encoder: EncoderLayers },
  optimizer: OptimizerSettings,
  auxiliary: NamedInitial = {},
): StudentNetwork<SequenceInput> {
  const { encoder, quantization, tied } = settings;
  const parameters = createParameters(
    engine,
    { ...initialValues(items, settings, start), ...auxiliary },
    { ...optimizer, rowUpdates: 'all' },
  );

  const input = (histories: Csr): SequenceInput => ({
    ...toSequences(histories, encoder.length),
    dispose: () => {},
  });

  function network(p: NamedTensors, x: SequenceInput, rounded = false): StudentOutput {
    const asStored = (rows: Tensor) => (rounded ? roundedRows(engine, rows, quantization) : rows);
    const itemsOut = asStored(p.itemsOut!);
    const itemsIn = tied ? itemsOut : asStored(p.itemsIn!);
    const vectors = engine.gatherRows(itemsIn, x.items);
    return { user: encode(engine, p, vectors, x, encoder), items: itemsOut, itemBias: p.itemBias };
  }

  return {
    parameters,
    input,
    network,
    scores(histories) {
      const logits = parameters.evaluate((p) => {
        const { user, items: rows, itemBias: bias } = network(p, input(histories));
        return engine.linearScores(user, rows, bias);
      });
      return readAndDispose(logits);
    },
    weights: (popularity) => readWeights(parameters, items, settings, popularity),
  };
}

/** @param vectors [rows*length, d]; what stands where nothing is does not matter */
function encode(
  engine: Engine,
  p: NamedTensors,
  vectors: Tensor,
  sequences: Sequences,
  { length: most, heads }: EncoderSettings,
): Tensor {
  const { rows, length, lengths } = sequences;
  const { tf } = engine;
  const at = (name: EncoderLayer) => p[`encoder.${name}`]!;
  const norm = (name: 'norm' | 'seen' | 'last', x: Tensor) =>
    layerNorm(engine, x, at(`${name}.gain`), at(`${name}.bias`));
  const times = (x: Tensor, name: EncoderLayer) => tf.matMul(x, at(name)) as Tensor;
  const layer = (x: Tensor, name: 'q' | 'v' | 'mix' | 'in' | 'out') =>
    tf.add(times(x, name), at(`${name}.bias`));

  const positions = Int32Array.from({ length: rows * length }, (_, i) => most - length + (i % length));
  const x = norm('norm', tf.add(vectors, engine.gatherRows(at('positions'), positions)));
  const newest = engine.gatherRows(
    x,
    Int32Array.from(lengths, (_, row) => (row + 1) * length - 1),
  );
  const mixed = attend(
    engine,
    { q: layer(newest, 'q'), k: times(x, 'k'), v: layer(x, 'v') },
    { rows, heads, mask: newestMask(engine, sequences) },
  );
  const seen = norm('seen', tf.add(newest, layer(mixed, 'mix')));
  const user = norm('last', tf.add(seen, layer(tf.relu(layer(seen, 'in')), 'out')));
  const known = Float32Array.from(lengths, (n) => Number(n > 0));
  return tf.mul(user, tf.tensor2d(known, [rows, 1]));
}

function initialValues(
  items: number,
  { dimensions: d, tied, itemBias, encoder }: StudentSettings,
  start: FoldInStart & { encoder: EncoderLayers },
): NamedInitial {
  const shapes = Object.entries(encoderShapes(d, encoder!.length));
  return {
    ...(tied ? {} : { itemsIn: { shape: [items, d], values: start.itemsIn } }),
    itemsOut: { shape: [items, d], values: start.itemsOut },
    ...(itemBias ? { itemBias: { shape: [items], values: start.itemBias } } : {}),
    ...Object.fromEntries(
      shapes.map(([name, shape]) => [
        `encoder.${name}`,
        { shape, values: start.encoder[name as EncoderLayer] },
      ]),
    ),
  };
}

function readWeights(
  parameters: Parameters,
  items: number,
  settings: StudentSettings,
  popularity: Float32Array,
): StudentWeights {
  const { dimensions: d, tied, itemBias, quantization, normalization, activation, encoder } = settings;
  const rng = createRng(0);
  const stored = (name: string) => storeRows(parameters.read(name), items, d, settings, rng.fork(name));
  const itemsOut = stored('itemsOut');
  const layers = Object.keys(encoderShapes(d, encoder!.length)).map((name) => [
    name,
    parameters.read(`encoder.${name}`),
  ]);
  return {
    itemsOut,
    itemsIn: tied ? itemsOut : stored('itemsIn'),
    userBias: new Float32Array(d),
    inner: null,
    encoder: { ...encoder!, layers: Object.fromEntries(layers) as EncoderLayers },
    itemBias: itemBias ? parameters.read('itemBias') : new Float32Array(items),
    popularity,
    quantization,
    normalization,
    activation,
  };
}
