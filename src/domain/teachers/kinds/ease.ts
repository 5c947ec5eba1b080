import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

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
  auto: 1,
});
