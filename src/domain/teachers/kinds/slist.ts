import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

const Fading = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 1, description }));

export const slist = defineTeacher({
  kind: 'slist',
  origin: 'trained',
  says: 'Of the task sequential: SLIST, what comes after which items, as item weights in closed form.',
  task: 'sequential',
  scores: 'scores',
  layers: false,
  inEpochs: false,
  options: {
    lambda: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000_000,
        description: 'Ridge; left out, it is chosen on validation where that takes seconds.',
      }),
    ),
    form: Type.Optional(
      Type.Enum(['full', 'diagonal'], {
        description:
          'full inverts a matrix of items x items; diagonal takes its diagonal alone: counts of what came after what, for any catalogue. Left out, full up to 15,000 items where it fits the memory.',
      }),
    ),
    recency: Fading(
      'Weight of an item of the history by that of the one after it; 0 for the newest item alone.',
    ),
    horizon: Fading('Weight of a later item by that of the one before it; 0 for the next item alone.'),
  },
  auto: 1,
});
