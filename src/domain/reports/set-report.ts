import { type Static, Type } from 'typebox';
import { ComparisonReport } from './comparison-report.ts';
import { ModelReport } from './model-report.ts';

const { name, role, metrics, figures } = ModelReport.properties;
const { retained, gainOverAlone, gainOverBaseline } = ComparisonReport.properties;

export const SetReport = Type.Object(
  {
    users: Type.Integer({ description: 'Users of the test, at most 2,000, fewer on large catalogues.' }),
    models: Type.Array(
      Type.Object({
        name,
        role,
        threshold: Type.Number({
          description:
            'Probability from which on an item belongs to the set; chosen on validation, as is the calibration.',
        }),
        metrics: {
          ...metrics,
          description:
            'microF1, microPrecision, microRecall, lrap (label ranking average precision), precision@k, logLoss.',
        },
        figures: {
          ...figures,
          description:
            "macroF1 (mean of the items' own F1) and calibrationError (15 bins of equal width), without an interval.",
        },
      }),
    ),
    comparison: Type.Object({ retained, gainOverAlone, gainOverBaseline }),
  },
  {
    description:
      'Of the task multi-label with labels from items: the set of items that a user takes, each item a decision by itself. Items that the user is known to have are left out.',
  },
);
export type SetReport = Static<typeof SetReport>;
