import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

/** Rows of a matrix that is inverted in half a minute, or in a quarter of that at 8,000, for each lambda. */
export const QUICK_INVERSE = 15_000;

/** Memory of a trainer before it holds any teacher: TensorFlow, the data and a student. */
const BASE_MIB = 700;

/**
 * Most memory of a trainer that makes such a teacher: the best one so far, the next one's inverse, and its weights.
 * @param rows those of the matrix that is inverted
 */
export function easeMemoryMiB(rows: number): number {
  return Math.ceil(BASE_MIB + (3 * rows * rows * Float32Array.BYTES_PER_ELEMENT) / 2 ** 20);
}

export const ease = defineTeacher({
  kind: 'ease',
  origin: 'trained',
  says: 'EASE: item weights in closed form.',
  task: 'single-label',
  scores: 'scores',
  layers: false,
  inEpochs: false,
  options: {
    lambda: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000_000,
        description: 'Ridge; left out, it is chosen on validation.',
      }),
    ),
  },
  // On sparse data the best single one.
  auto: {
    place: 1,
    fits({ users, items, memoryMiB = Number.POSITIVE_INFINITY }) {
      const rows = Math.min(users, items);
      return rows <= QUICK_INVERSE && easeMemoryMiB(rows) <= memoryMiB;
    },
  },
});
