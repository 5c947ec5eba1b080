import { type Static, Type } from 'typebox';
import type { Rng } from '../../core/rng.ts';
import type { Engine } from '../../tensor/engine.ts';
import { gruStates } from '../../tensor/sequence/gru.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { glorot } from './initial.ts';
import { restoreNextItem, trainNextItem } from './next-item/next-item.ts';
import type { SequenceReader } from './next-item/sequence-reader.ts';
import { EARLIER_NEXT_ITEM, nextItemSettings, planNextItem } from './next-item/settings.ts';

const GruSettings = Type.Object({
  kind: Type.Literal('gru'),
  /** Width of the state. */
  hidden: Type.Number(),
  ...nextItemSettings,
});
export type GruSettings = Static<typeof GruSettings>;

/** GRU4Rec (Hidasi et al., ICLR 2016) with the full softmax: one recurrent layer, led back to the items' width. */
export async function trainGruTeacher(settings: GruSettings, context: TrainingContext): Promise<Teacher> {
  const { engine } = context;
  const reader = recurrentReader(engine, settings);
  return restoreNextItem(engine, reader, settings, await trainNextItem(reader, settings, context));
}
function recurrentReader(engine: Engine, settings: GruSettings): SequenceReader {
  const { dimensions: d, hidden: h } = settings;
  const { tf } = engine;
  return {
    kind: 'gru',
    startsNearby: false,
    description: `${d}, state ${h}`,
    weights: (rng) => startValues(d, h, rng),
    states(p, vectors, sequences, drop) {
      const states = gruStates(engine, drop(vectors), sequences, {
        input: p.input!,
        state: p.state!,
        inputBias: p.inputBias!,
        stateBias: p.stateBias!,
      });
      const all = tf.reshape(tf.stack(states, 1), [-1, h]);
      return tf.add(tf.matMul(drop(all), p.out!), p.outBias!);
    },
  };
}

function startValues(d: number, h: number, rng: Rng): TeacherState['tensors'] {
  const zeros = (length: number) => ({ shape: [length], values: new Float32Array(length) });
  return {
    input: { shape: [d, 3 * h], values: gates(d, h, rng) },
    state: { shape: [h, 3 * h], values: gates(h, h, rng) },
    inputBias: zeros(3 * h),
    stateBias: zeros(3 * h),
    out: { shape: [h, d], values: glorot(h, d, rng) },
    outBias: zeros(d),
  };
}

/** Three layers [from, to] side by side, each with the start of one. */
function gates(from: number, to: number, rng: Rng): Float32Array {
  const limit = Math.sqrt(6 / (from + to));
  return Float32Array.from({ length: 3 * from * to }, () => (2 * rng.next() - 1) * limit);
}

export const gru: TeacherMaker<typeof GruSettings> = {
  kind: 'gru',
  settings: GruSettings,
  earlier: EARLIER_NEXT_ITEM,
  plan({ hidden, ...options }, size) {
    const settings = planNextItem(options, size);
    return { kind: 'gru', hidden: hidden?.[0] ?? 2 * settings.dimensions, ...settings };
  },
  continues: true,
  train: trainGruTeacher,
  restore: (engine, settings, state) =>
    restoreNextItem(engine, recurrentReader(engine, settings), settings, state),
};
