import { type Static, Type } from 'typebox';

const Name = Type.String({ minLength: 1, maxLength: 256 });

export const LabelsSpec = Type.Object(
  {
    of: Type.Enum(['items', 'users'], { description: 'Whose labels are predicted.' }),
    from: Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'Where the known labels are: labels or categories of items, or features.NAME of either, whose value is a text or a list of texts. Of users also items: the set of items that each takes, which GET /recommend answers.',
      examples: ['categories'],
    }),
    names: Type.Optional(
      Type.Array(Name, {
        minItems: 1,
        maxItems: 10_000,
        uniqueItems: true,
        description: 'Only these labels; all that there are without it.',
        examples: [['Drama', 'Comedy']],
      }),
    ),
    minimum: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: 1_000_000,
        description: 'A label that fewer have is left out, with a warning; default 5.',
      }),
    ),
    features: Type.Optional(
      Type.Array(Name, {
        maxItems: 1000,
        uniqueItems: true,
        description:
          'What is read beside the behaviour: title, categories, labels, or features.NAME. Without it everything but `from`; [] for behaviour alone.',
        examples: [['title', 'features.year']],
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Of the task multi-label: which labels are learnt, and of whom.',
    examples: [{ of: 'items', from: 'categories' }],
  },
);
export type LabelsSpec = Static<typeof LabelsSpec>;

/** True when the labels are the items that users take: the student then recommends like any other. */
export function learnsSets({
  task,
  labels,
}: {
  task?: string | undefined;
  labels?: LabelsSpec | undefined;
}): boolean {
  return task === 'multi-label' && labels?.from === 'items';
}
