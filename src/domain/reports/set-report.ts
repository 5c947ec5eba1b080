import { type Static, Type } from 'typebox';
import { Measured } from './measured.ts';
import { RankerReport } from './ranker-report.ts';

export const SetReport = Type.Object(
  {
    users: Type.Integer({ description: 'Of the test, at most 2,000, fewer on large catalogues.' }),
    labellers: Type.Array(
      Type.Object({
        name: RankerReport.properties.name,
        threshold: Type.Number({
          description:
            'Probability from which on an item belongs to the set; chosen on validation, as is the calibration.',
        }),
        metrics: Type.Record(Type.String(), Measured, {
          description:
            'microF1, microPrecision, microRecall, lrap (label ranking average precision), precision@k, logLoss.',
        }),
        macroF1: Type.Number({ description: "Mean of the items' own F1." }),
        calibrationError: Type.Number({ description: 'Expected calibration error, 15 bins of equal width.' }),
      }),
    ),
    microF1OfTeacher: { ...Measured, description: "Student's micro F1 by the teacher's." },
    microF1OverAlone: {
      ...Measured,
      description: 'Student minus the control with the higher micro F1, student-alone or best-alone.',
    },
    microF1OverPopularity: Measured,
  },
  {
    description:
      'Of the task multi-label with labels from items: the set of items that a user takes, each item a decision by itself. Items that the user is known to have are left out.',
  },
);
export type SetReport = Static<typeof SetReport>;
