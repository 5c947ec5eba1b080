import type { Rng } from '../../../core/rng.ts';
import type { Sequences } from '../../../dataset/sequences.ts';
import type { Engine, Tensor } from '../../../tensor/engine.ts';
import type { NamedTensors } from '../../../tensor/train/parameters.ts';
import type { TeacherState } from '../../contract.ts';

/** Switches off a share of the units and scales the others up; leaves everything as it is outside training. */
export type Drop = (x: Tensor) => Tensor;

/** The part in which one sequential teacher differs from another: the way it reads a sequence. */
export interface SequenceReader {
  kind: 'sasrec' | 'gru';
  description: string;
  /** True where a state begins near its newest item, so that items are best near those of the same users at first. */
  startsNearby: boolean;
  /** Start values of everything but the items. */
  weights(rng: Rng): TeacherState['tensors'];
  /**
   * Computes the state after each place, from that place and those before it alone.
   * @param x [rows*length, d] the items' vectors, zeros where nothing is
   * @returns [rows*length, d]
   */
  states(p: NamedTensors, x: Tensor, sequences: Sequences, drop: Drop): Tensor;
}

export function read(
  engine: Engine,
  reader: SequenceReader,
  p: NamedTensors,
  sequences: Sequences,
  drop: Drop,
): Tensor {
  const { tf } = engine;
  const { rows, length, items, lengths } = sequences;
  const used = Float32Array.from({ length: rows * length }, (_, at) =>
    Number((at % length) + lengths[Math.floor(at / length)]! >= length),
  );
  const vectors = tf.mul(engine.gatherRows(p.items!, items), tf.tensor2d(used, [rows * length, 1]));
  return reader.states(p, vectors, sequences, drop);
}

export function dropout({ tf }: Engine, share: number, rng: Rng): Drop {
  if (share === 0) return (x) => x;
  const kept = 1 / (1 - share);
  return (x) => {
    const mask = new Float32Array(x.size);
    for (let i = 0; i < mask.length; i++) if (rng.next() >= share) mask[i] = kept;
    return tf.mul(x, tf.tensor(mask, x.shape));
  };
}
