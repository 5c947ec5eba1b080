import { type Static, Type } from 'typebox';

export const ServedReport = Type.Object(
  {
    weights: Type.Enum(['tested', 'refitted'], {
      description:
        'tested: the weights that the report measured. refitted: after the report, teacher and student learned from all pairs, the test part among them; the report stands for the weights before that.',
    }),
  },
  { description: 'Which weights the version serves.' },
);
export type ServedReport = Static<typeof ServedReport>;
