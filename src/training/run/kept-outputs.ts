import { distances, scoresBelow, type TeacherOutputs } from '../../distillation/lists/teacher-outputs.ts';

/**
 * A teacher's lists as they lie on disk: four bytes a place up to 65,535 items, six beyond. Everything stands in the one type of
 * arrays that checkpoints hold, byte by byte.
 */
export interface KeptOutputs extends Omit<TeacherOutputs, 'ids' | 'scores'> {
  /** Bytes of each id: 2 where all ids fit, and then the greatest number marks a place without an item. */
  idBytes: 2 | 4;
  ids: Float32Array;
  /** The best score of each list, [users]. */
  best: Float32Array;
  /** Distance of each score from the best of its list, in half precision, [users * k]. */
  below: Float32Array;
}

const NONE = 0xffff;

export function packOutputs({ ids, scores, ...outputs }: TeacherOutputs): KeptOutputs {
  const { k, users } = outputs;
  const isNarrow = ids.every((id) => id < NONE);
  return {
    ...outputs,
    idBytes: isNarrow ? 2 : 4,
    ids: bytesOf(isNarrow ? Uint16Array.from(ids, (id) => (id < 0 ? NONE : id)) : ids),
    best: Float32Array.from({ length: users }, (_, user) => scores[user * k] ?? 0),
    below: bytesOf(distances({ ...outputs, ids, scores })),
  };
}

export function openOutputs({ idBytes, ids, best, below, ...outputs }: KeptOutputs): TeacherOutputs {
  const { k, users } = outputs;
  const places = users * k;
  const all =
    idBytes === 4
      ? new Int32Array(ids.buffer, ids.byteOffset, places)
      : Int32Array.from(new Uint16Array(ids.buffer, ids.byteOffset, places), (id) => (id === NONE ? -1 : id));
  const firsts = new Float32Array(places);
  for (let user = 0; user < users; user++) firsts[user * k] = best[user]!;
  const halves = new Uint16Array(below.buffer, below.byteOffset, places);
  return { ...outputs, ids: all, scores: scoresBelow({ k, ids: all, scores: firsts }, halves) };
}

/** Returns the bytes as an array of floats, filled up to a multiple of four bytes. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array | Int32Array): Float32Array {
  const bytes = new Uint8Array(4 * Math.ceil(byteLength / 4));
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  return new Float32Array(bytes.buffer);
}
