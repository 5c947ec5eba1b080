import { type Static, Type } from 'typebox';

export const NewItemsReport = Type.Object(
  {
    inCatalogue: Type.Integer({
      description: 'Items of the catalogue that nobody had interacted with when the job read it.',
    }),
    recommended: Type.Boolean({ description: 'Whether items that came later are ranked and compared.' }),
    reason: Type.Optional(Type.String({ description: 'Why they are not.' })),
    fields: Type.Optional(
      Type.Array(Type.String(), { description: 'Fields that validation found to help, such as categories.' }),
    ),
    ridge: Type.Optional(Type.Number({ description: 'Ridge of the map from features to rows.' })),
    validation: Type.Optional(
      Type.Object(
        {
          items: Type.Integer({ description: 'Known items that were hidden.' }),
          users: Type.Integer({ description: 'Histories in which they were hidden.' }),
          'recall@20': Type.Number({
            description: 'Share of the hidden items of a user on the first 20 places among all items.',
          }),
          byChance: Type.Number({ description: 'The same for as many new items drawn at random.' }),
          shareOf20: Type.Number({ description: 'Share of the first 20 places that hidden items had.' }),
          shareOf10: Type.Number({ description: 'Share of the first 10 places.' }),
        },
        { description: 'Figures on known items that were hidden as if they were new.' },
      ),
    ),
  },
  {
    description:
      'What the student makes of items that came after the training, by what the catalogue says of them.',
  },
);
export type NewItemsReport = Static<typeof NewItemsReport>;
