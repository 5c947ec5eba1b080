import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

/** Rows of a matrix that is inverted in half a minute, or in a quarter of that at 8,000, for each lambda. */
export const QUICK_INVERSE = 15_000;

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
  auto: { place: 1, fits: ({ users, items }) => Math.min(users, items) <= QUICK_INVERSE },
});
