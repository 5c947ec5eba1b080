import type { Bounds } from './bounds.ts';
import { encodeUser } from './user-code.ts';

const ROOM = 1 + 2 ** -18;
/** Outside of these, float32 products with a moderate matrix could overflow or vanish. */
const SMALLEST_STEP = 2 ** -40;
const LARGEST_STEP = 2 ** 40;

/** One user's side of the bounds in bounds.ts. Overwritten by the next call. */
export interface UserBounds {
  norm: number;
  inside: number;
  outside: number;
  projectedStep: number;
  shift: number;
}

/**
 * @param codes Int16 [d] and `step`: the vector that scores are computed with, not the one it was rounded from
 * @param projected Int16, receives the vector along the principal directions
 * @returns false when no bound would hold
 */
export type BoundUser = (codes: Int16Array, step: number, projected: Int16Array, into: UserBounds) => boolean;

export function createUserBounds({ directions, mean }: Bounds): BoundUser {
  const { rows: wanted, width, values } = directions;
  const parts = new Float64Array(wanted);
  const directed = Float64Array.from(values);
  const vector = new Float64Array(width);
  return (codes, step, projected, into) => {
    if (!(step >= SMALLEST_STEP && step <= LARGEST_STEP)) return false;
    let squared = 0;
    let shift = 0;
    for (let k = 0; k < width; k++) {
      const x = codes[k] * step;
      vector[k] = x;
      squared += x * x;
      shift += x * mean[k];
    }
    let energy = 0;
    for (let j = 0; j < wanted; j++) {
      const at = j * width;
      let part = 0;
      for (let k = 0; k < width; k++) part += directed[at + k] * vector[k];
      parts[j] = part;
      energy += part * part;
    }
    const norm = Math.sqrt(squared);
    into.norm = norm * ROOM;
    into.inside = (Math.sqrt(energy) + 2 ** -7 * norm) * ROOM;
    into.outside = Math.sqrt(Math.max(0, squared - energy) + 1e-6 * squared) * ROOM;
    into.projectedStep = encodeUser(parts, projected);
    into.shift = shift;
    return true;
  };
}
