import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

export const graphFilter = defineTeacher({
  kind: 'graph-filter',
  origin: 'trained',
  says: 'GF-CF: a filter on the graph of users and items.',
  task: 'single-label',
  scores: 'scores',
  layers: false,
  inEpochs: false,
  options: {
    components: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 4096, description: 'Rank of the low-pass filter.' }),
    ),
    alpha: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description:
          'Weight of the low-pass filter beside the neighbours. Left out with both powers, all three are chosen on validation; else 0.',
      }),
    ),
    activityPower: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 3,
        description: 'A neighbour counts by its activity to minus this power; default 1.',
      }),
    ),
    popularityPower: Type.Optional(
      Type.Number({
        minimum: -2,
        maximum: 2,
        description: "Scores are multiplied by the item's popularity to this power; default 0.",
      }),
    ),
  },
  auto: 3,
});
