import { type Static, Type } from 'typebox';
import { orNull } from './measured.ts';

const F1 = orNull(Type.Number());

export const LabelTable = Type.Object(
  {
    of: Type.Enum(['items', 'users']),
    from: Type.String({ examples: ['categories'] }),
    each: Type.Array(
      Type.Object({
        label: Type.String(),
        entities: Type.Integer({ description: 'Entities of the test part that have it.' }),
        threshold: Type.Number({ description: 'Probability from which on the student predicts it.' }),
        f1: Type.Object({ teacher: F1, student: F1, frequency: F1 }),
      }),
      { description: 'F1 is null for a label that nobody in the test has and nobody was given.' },
    ),
    leftOut: Type.Array(
      Type.Object({
        label: Type.String(),
        count: Type.Integer({ description: 'Entities that have it.' }),
        reason: Type.Enum(['rare', 'everywhere']),
      }),
      { description: 'Labels that were not learnt, and why.' },
    ),
  },
  { description: 'Of the task multi-label over labels: each label.' },
);
export type LabelTable = Static<typeof LabelTable>;
