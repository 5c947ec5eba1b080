import { type Static, Type } from 'typebox';

const Fields = (description: string, examples: (true | string[])[]) =>
  Type.Optional(
    Type.Union(
      [
        Type.Literal(true),
        Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 100 }),
      ],
      { description, examples },
    ),
  );
const Hidden = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 0.9, description }));

export const FeaturesSpec = Type.Object(
  {
    items: Fields(
      'What is said of items, by field: categories, labels, title, or a feature by its name, with dots into nested ones; true for all that there is. Items without interactions are recommended from it.',
      [['categories', 'title', 'features.year'], true],
    ),
    users: Fields(
      'What is said of users, by the names of their features; true for all. Users without a history are answered from it.',
      [['age', 'occupation'], true],
    ),
    buckets: Type.Optional(
      Type.Integer({
        minimum: 64,
        maximum: 1_048_576,
        description: 'Field and token together are hashed into so many places (65536).',
      }),
    ),
    training: Type.Optional(
      Type.Boolean({
        description:
          'Whether teacher and student learn from them too, and read them beside histories. By default (false, or true where hideItems or hideUsers is given) they are only read for what is new: the figures of everybody else stay those of a job without features.',
      }),
    ),
    hideItems: Hidden(
      'With training: share of the items that are known by their features alone at each step, so that these learn to stand for new ones.',
    ),
    hideUsers: Hidden('With training: share of the users whose history is hidden at each step, likewise.'),
  },
  {
    additionalProperties: false,
    description:
      'Fields by which users without a history and items that come after the training are answered, and, with training, side inputs of the student and of teachers that take them (softmax). Without it items are read by all that the catalogue says of them, and users are not.',
    examples: [{ items: true, users: ['age', 'occupation'] }],
  },
);
export type FeaturesSpec = Static<typeof FeaturesSpec>;

/** Says whether a job that was accepted trains on features. Older ones do not say so, and do. */
export function trainsOnFeatures(features: FeaturesSpec | undefined): boolean {
  return features !== undefined && features.training !== false;
}
