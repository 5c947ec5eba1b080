import type { Rng } from '../../core/rng.ts';
import type { Engine } from '../../tensor/engine.ts';
import { gruStates } from '../../tensor/sequence/gru.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { glorot } from './initial.ts';
import { type NextItemSettings, restoreNextItem, type SequenceReader, trainNextItem } from './next-item.ts';

export interface GruSettings extends NextItemSettings {
  kind: 'gru';
  /** Width of the state. */
  hidden: number;
}

/** GRU4Rec (Hidasi et al., ICLR 2016) with the full softmax: one recurrent layer, led back to the items' width. */
export async function trainGruTeacher(settings: GruSettings, context: TrainingContext): Promise<Teacher> {
  const { engine } = context;
  const state = await trainNextItem(recurrentReader(engine, settings), settings, context);
  return restoreGruTeacher(engine, state);
}

export function restoreGruTeacher(engine: Engine, state: TeacherState): Teacher {
  return restoreNextItem(engine, recurrentReader(engine, state.settings as never), state);
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
      return tf.add(tf.matMul(drop(all) as never, p.out! as never), p.outBias!);
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
