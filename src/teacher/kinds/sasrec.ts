import { type Static, Type } from 'typebox';
import type { Rng } from '../../core/rng.ts';
import type { DataSize } from '../../dataset/data-size.ts';
import type { Sequences } from '../../dataset/sequences.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { attend, causalMask } from '../../tensor/sequence/attention.ts';
import { layerNorm } from '../../tensor/sequence/layer-norm.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import { glorot } from './initial.ts';
import { restoreNextItem, trainNextItem } from './next-item/next-item.ts';
import type { Drop, SequenceReader } from './next-item/sequence-reader.ts';
import { EARLIER_NEXT_ITEM, nextItemSettings, planNextItem } from './next-item/settings.ts';

const SasrecSettings = Type.Object({
  kind: Type.Literal('sasrec'),
  blocks: Type.Number(),
  heads: Type.Number(),
  ...nextItemSettings,
});
export type SasrecSettings = Static<typeof SasrecSettings>;

/**
 * Causal self-attention (Kang & McAuley, ICDM 2018): learned positions, blocks of attention and a relu layer four times as
 * wide, each added to its input and normalized.
 */
export async function trainSasrecTeacher(
  settings: SasrecSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const { engine } = context;
  const reader = attentionReader(engine, settings);
  return restoreNextItem(engine, reader, settings, await trainNextItem(reader, settings, context));
}
/** Width of a block's inner layer, in multiples of the model's. */
const WIDER = 4;

function attentionReader(engine: Engine, settings: SasrecSettings): SequenceReader {
  const { dimensions, blocks, heads, maxLength } = settings;
  return {
    kind: 'sasrec',
    startsNearby: true,
    description: `${dimensions}, ${blocks} blocks`,
    weights: (rng) => startValues(settings, rng),
    states(p, vectors, sequences, drop) {
      const { tf } = engine;
      const positions = engine.gatherRows(p.positions!, placesFromEnd(sequences, maxLength));
      const mask = causalMask(engine, sequences);
      const shape = { rows: sequences.rows, heads, mask };
      let x = drop(normalized(engine, p, 'norm', tf.add(vectors, positions)));
      for (let b = 0; b < blocks; b++) x = throughBlock(engine, p, `block${b}`, x, shape, drop);
      return x;
    },
  };
}

/** The newest place of each row has the last of the learned positions, however long the history is. */
function placesFromEnd({ rows, length }: Sequences, maxLength: number): Int32Array {
  return Int32Array.from({ length: rows * length }, (_, at) => maxLength - length + (at % length));
}

function throughBlock(
  engine: Engine,
  p: NamedTensors,
  block: string,
  x: Tensor,
  shape: { rows: number; heads: number; mask: Tensor },
  drop: Drop,
): Tensor {
  const { tf } = engine;
  const layer = (name: string, y: Tensor) =>
    tf.add(tf.matMul(y, p[`${block}.${name}`]!), p[`${block}.${name}.bias`]!);
  const mixed = attend(engine, { q: layer('q', x), k: layer('k', x), v: layer('v', x) }, shape, drop);
  const seen = normalized(engine, p, `${block}.seen`, tf.add(x, drop(layer('mix', mixed))));
  const thought = layer('out', tf.relu(layer('in', seen)));
  return normalized(engine, p, `${block}.norm`, tf.add(seen, drop(thought)));
}

function normalized(engine: Engine, p: NamedTensors, name: string, x: Tensor): Tensor {
  return layerNorm(engine, x, p[`${name}.gain`]!, p[`${name}.bias`]!);
}

function startValues(
  { dimensions: d, blocks, maxLength }: SasrecSettings,
  rng: Rng,
): TeacherState['tensors'] {
  const values: TeacherState['tensors'] = {
    positions: { shape: [maxLength, d], values: normals(maxLength * d, rng) },
    ...norm('norm', d),
  };
  const layer = (name: string, from: number, to: number) => ({
    [name]: { shape: [from, to], values: glorot(from, to, rng) },
    [`${name}.bias`]: { shape: [to], values: new Float32Array(to) },
  });
  for (let b = 0; b < blocks; b++) {
    const block = `block${b}`;
    for (const name of ['q', 'k', 'v', 'mix']) Object.assign(values, layer(`${block}.${name}`, d, d));
    Object.assign(values, layer(`${block}.in`, d, WIDER * d), layer(`${block}.out`, WIDER * d, d));
    Object.assign(values, norm(`${block}.seen`, d), norm(`${block}.norm`, d));
  }
  return values;
}

function norm(name: string, d: number): TeacherState['tensors'] {
  return {
    [`${name}.gain`]: { shape: [d], values: new Float32Array(d).fill(1) },
    [`${name}.bias`]: { shape: [d], values: new Float32Array(d) },
  };
}

const normals = (length: number, rng: Rng) => Float32Array.from({ length }, () => 0.02 * rng.normal());

/** Share of the usual pace of dense products that a step reaches, with its attention, dropout and updates. */
const EFFICIENCY = 0.5;

/** Every place of every history in every epoch, forwards and twice as much backwards. */
function sasrecSeconds(
  { epochs, dimensions: d, blocks, maxLength, samples, batchSize }: SasrecSettings,
  size: DataSize,
): number {
  const { users, items } = size;
  const places = Math.min(pairsOf(size), users * maxLength);
  const perPlace = d * (samples > 0 ? Math.min(samples, items) : items) + blocks * (4 + 2 * WIDER) * d * d;
  const steps = epochs * Math.max(1, Math.ceil(users / batchSize));
  const adam = { loops: 10 * steps * items * d };
  const dense = (6 * epochs * places * perPlace) / EFFICIENCY;
  return secondsOf({ dense, ...adam }) + epochs * validationSeconds(size, { dense: 2 * d * items });
}

export const sasrec: TeacherMaker<typeof SasrecSettings> = {
  kind: 'sasrec',
  settings: SasrecSettings,
  earlier: EARLIER_NEXT_ITEM,
  plan: (options, size) => ({
    kind: 'sasrec',
    blocks: options.blocks ?? 2,
    heads: options.heads ?? 2,
    ...planNextItem(options, size),
  }),
  seconds: sasrecSeconds,
  continues: true,
  train: trainSasrecTeacher,
  restore: (engine, settings, state) =>
    restoreNextItem(engine, attentionReader(engine, settings), settings, state),
};
