import { type Static, Type } from 'typebox';

export const ServedReport = Type.Object(
  {
    weights: Type.Enum(['tested', 'refitted'], {
      description:
        'tested: the weights that the report measures are served. refitted: after the report they learned from all data, the test part too.',
    }),
    reason: Type.Optional(
      Type.String({ description: 'Why the tested weights are served although the job refits.' }),
    ),
    seconds: Type.Optional(Type.Number({ description: 'Time of the refit, teacher and student.' })),
    share: Type.Optional(
      Type.Number({ description: 'Time of the refit by that of teacher, transfer and distillation.' }),
    ),
    probes: Type.Optional(
      Type.Object(
        {
          histories: Type.Integer({ description: 'Histories that both students answered.' }),
          k: Type.Integer({ description: 'Places of the lists: items, or labels.' }),
          overlap: Type.Number({ description: 'Mean share of the places that both lists have in common.' }),
          rbo: Type.Number({
            description: 'Mean rank-biased overlap, in which the first places count more.',
          }),
          sameFirst: Type.Number({ description: 'Share of the histories with the same first place.' }),
        },
        { description: 'How far the answers of the tested and of the refitted student agree.' },
      ),
    ),
  },
  {
    description:
      'The weights that are served: those that were tested, or the same after a refit on all data.',
  },
);
export type ServedReport = Static<typeof ServedReport>;
