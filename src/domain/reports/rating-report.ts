import { type Static, Type } from 'typebox';
import { Measured } from './measured.ts';
import { Report } from './report.ts';

const { model, createdAt, served, seed, backend, codeVersion, seconds, warnings, settings } =
  Report.properties;

const PredictorReport = Type.Object(
  {
    name: Type.Enum(['teacher', 'student', 'student-float32', 'student-alone', 'means'], {
      description:
        "student: as it is served, int8. student-float32: before its item matrices were rounded. student-alone: the same student without a teacher. means: the item's mean and the user's, shrunk.",
    }),
    description: Type.String({ examples: ['SVD++ 50'] }),
    rmse: Measured,
    mae: Measured,
    distanceToTeacher: Type.Union([Measured, Type.Null()], {
      description: 'Root mean square of the difference from the teacher on the test pairs.',
    }),
    parameters: Type.Integer(),
    bytes: Type.Integer(),
    segments: Type.Array(
      Type.Object({
        segment: Type.String({ examples: ['items:head', 'history:1-5'] }),
        ratings: Type.Integer(),
        rmse: Type.Number(),
      }),
    ),
  },
  { description: 'Predictions of one model, clipped to the scale, on the test ratings.' },
);

export const RatingReport = Type.Object(
  {
    task: Type.Literal('rating'),
    model,
    createdAt,
    scale: Type.Object({
      low: Type.Number(),
      high: Type.Number(),
      from: Type.Enum(['job', 'data'], { description: 'Whether the job named it.' }),
    }),
    predictors: Type.Array(PredictorReport),
    comparison: Type.Object({
      compressionRatio: Type.Number({ description: "Teacher's bytes by the student's." }),
      rmseToTeacher: {
        ...Measured,
        description: "Student's RMSE by the teacher's; 1.01 is one percent worse.",
      },
      rmseToAlone: {
        ...Measured,
        description: "Student's RMSE minus that of the same student without a teacher.",
      },
      rmseToMeans: { ...Measured, description: "Student's RMSE minus that of the means." },
    }),
    data: Type.Object({
      users: Type.Integer(),
      items: Type.Integer(),
      ratings: Type.Integer(),
      train: Type.Integer(),
      validation: Type.Integer({ description: 'Chose the epochs; then all models learn from these too.' }),
      test: Type.Integer(),
      testUsers: Type.Integer(),
      split: Type.String(),
      hash: Type.String(),
    }),
    protocol: Type.Object({ predictions: Type.String(), histories: Type.String(), interval: Type.String() }),
    served,
    settings,
    seed,
    backend,
    codeVersion,
    seconds,
    warnings,
  },
  {
    description:
      'Of the task rating: errors of teacher, student, the same student without a teacher, and means.',
  },
);
export type RatingReport = Static<typeof RatingReport>;
