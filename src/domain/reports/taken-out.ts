import { Type } from 'typebox';

const Share = (part: string) =>
  Type.Object({
    taken: Type.Integer({ description: `Of the ${part} part so many.` }),
    of: Type.Integer({ description: 'As many were there before.' }),
  });

export const TakenOut = Type.Object(
  {
    versions: Type.Array(Type.Object({ model: Type.String(), version: Type.Integer() })),
    test: Share('test'),
    validation: Share('validation'),
    testToValidation: Type.Integer({
      description: 'Test pairs that were used for validation, as too few of its own were left.',
    }),
  },
  {
    description:
      'Where versions teach: held-out pairs (of labels: entities) that they had learned from. They count as history in this job.',
  },
);
