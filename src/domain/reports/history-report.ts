import { type Static, Type } from 'typebox';
import { MeasuredByName } from './measured.ts';
import { ModelReport } from './model-report.ts';

export const HISTORY_KINDS = ['taught', 'newer', 'unseen'] as const;

const KINDS =
  'taught: the student learned from this very history. newer: it learned from the beginning of the history, which has gone on since. unseen: it has learned nothing of the user.';

export const HistoryReport = Type.Object(
  {
    history: Type.Enum([...HISTORY_KINDS], { description: KINDS }),
    users: Type.Integer({ description: 'Test users of this kind; 0 for a kind that the split cannot have.' }),
    why: Type.Optional(Type.String({ description: 'The reason where there are no users of this kind.' })),
    models: Type.Array(
      Type.Object({
        name: ModelReport.properties.name,
        metrics: ModelReport.properties.metrics,
        fidelity: ModelReport.properties.fidelity,
      }),
      { description: 'The models on the test pairs of these users alone.' },
    ),
    retained: {
      ...MeasuredByName,
      description:
        "As in `comparison.retained`, over these users: the student's metric divided by the teacher's.",
    },
    gainOverAlone: Type.Optional({
      ...MeasuredByName,
      description: 'As in `comparison.gainOverAlone`, over these users.',
    }),
  },
  { description: 'The test users whose histories the student knows in one of three ways.' },
);
export type HistoryReport = Static<typeof HistoryReport>;

export const HistoryKind = Type.Enum([...HISTORY_KINDS, 'known'], {
  description: `${KINDS} known: all users of the table \`models\`, where the kinds were not told apart.`,
});
export type HistoryKind = Static<typeof HistoryKind>;
