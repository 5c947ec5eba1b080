import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

export const auto = defineTeacher({
  kind: 'auto',
  origin: 'several',
  says: 'Tries the kinds that the time allows, and keeps the best on validation or a blend of some.',
  task: 'single-label',
  scores: 'scores',
  layers: true,
  inEpochs: false,
  options: {
    budgetSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description:
          'Time for the search, in seconds of two usual cores as estimated from the size of the data, so that the same job tries the same on every machine; default 35, and 15 for every million pairs and 1 for every thousand users and items, at most 600; of sequences 200, 200 and 2, at most 900.',
      }),
    ),
  },
});
