import { type Static, Type } from 'typebox';
import { MeasuredByName } from './measured.ts';
import { ModelName } from './model-report.ts';

const compared = (description: string) => ({
  ...MeasuredByName,
  description: `${description} Paired bootstrap over the same users.`,
});

export const ComparisonReport = Type.Object(
  {
    compressionRatio: Type.Number({ description: "The teacher's bytes divided by the student's." }),
    retained: compared(
      "The student's metric divided by the teacher's; of errors (rmse, mae, logLoss) the teacher's divided by the student's, so that above 1 is better for every metric. Metrics that are 0 for the teacher are left out.",
    ),
    keptByRounding: compared(
      "The student's metric divided by that of the same student before its weights were rounded; of errors the other way round.",
    ),
    gainOverAlone: compared(
      "The student's metric minus that of the best control without a teacher; of errors the control's minus the student's, so that above 0 is better for every metric. With several controls the best one of each metric counts; single-task has a teacher and is none of them.",
    ),
    bestControl: Type.Optional(
      Type.Record(Type.String(), ModelName, {
        description:
          'By metric: the control that gainOverAlone is over, the best one on the test itself, which speaks against the student. Not in reports before format 2.',
      }),
    ),
    gainOverSingleTask: Type.Optional(
      compared(
        "Of a job with tasks: the student's metric minus that of the student of this task alone, which has the same teacher.",
      ),
    ),
    gainOverBaseline: compared(
      "The student's metric minus the baseline's (popularity, means or label frequencies); of errors the other way round.",
    ),
    gainOverTeacher: Type.Optional(
      compared(
        "The student's metric minus the teacher's; of errors the other way round. Not in reports before format 2.",
      ),
    ),
    teacherOverBaseline: Type.Optional(
      compared(
        "The teacher's metric minus the baseline's; of errors the other way round. Not in reports before format 2.",
      ),
    ),
    gainOverPrevious: Type.Optional(
      compared("The student's metric minus that of the student of the version that taught it."),
    ),
    gainOverLive: Type.Optional(
      compared(
        "The student's metric minus that of the version that is live, over the test pairs that the live one has not learned from (`over` in its row); of errors the other way round. Absent where nothing is live, where the live version taught (gainOverPrevious then), and where a warning says why the two are not compared.",
      ),
    ),
  },
  { description: 'The student against the others, on the same test users, metric by metric.' },
);
export type ComparisonReport = Static<typeof ComparisonReport>;
