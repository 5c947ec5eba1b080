import { type Static, Type } from 'typebox';
import { Measured } from './measured.ts';
import { Report } from './report.ts';

const { model, createdAt, served, seed, backend, codeVersion, seconds, warnings, settings } =
  Report.properties;

const LabellerReport = Type.Object(
  {
    name: Type.Enum(['teacher', 'student', 'student-float32', 'student-alone', 'frequency'], {
      description:
        'student: as it is served, int8. student-float32: before its matrices were rounded. student-alone: the same student without a teacher. frequency: the share of those with labels that has each, the same for everybody.',
    }),
    description: Type.String({ examples: ['multilabel 512'] }),
    metrics: Type.Record(Type.String(), Measured, {
      description:
        'microF1, microPrecision and microRecall over all decisions; lrap (label ranking average precision); precision@k; logLoss (mean over labels, in nats).',
    }),
    macroF1: Type.Number({ description: "Mean of the labels' own F1." }),
    calibrationError: Type.Number({
      description: 'Expected calibration error of all probabilities, 15 bins of equal width.',
    }),
    agreement: Type.Union([Type.Number(), Type.Null()], {
      description: 'Share of the decisions that are those of the teacher; null for the teacher.',
    }),
    parameters: Type.Integer(),
    bytes: Type.Integer(),
    segments: Type.Array(
      Type.Object({
        segment: Type.String({ examples: ['behaviour:none', 'behaviour:1-10'] }),
        entities: Type.Integer(),
        microF1: Type.Number(),
      }),
      { description: 'By how many interactions there are of the entity.' },
    ),
  },
  { description: 'Labels of the entities of the test, as one model predicts them.' },
);
export type LabellerReport = Static<typeof LabellerReport>;

export const LabelReport = Type.Object(
  {
    task: Type.Literal('multi-label'),
    model,
    createdAt,
    of: Type.Enum(['items', 'users']),
    from: Type.String({ examples: ['categories'] }),
    labellers: Type.Array(LabellerReport),
    labels: Type.Array(
      Type.Object({
        label: Type.String(),
        entities: Type.Integer({ description: 'Of the test, that have it.' }),
        threshold: Type.Number({ description: 'Probability from which on the student predicts it.' }),
        f1: Type.Object({
          teacher: Type.Union([Type.Number(), Type.Null()]),
          student: Type.Union([Type.Number(), Type.Null()]),
          frequency: Type.Union([Type.Number(), Type.Null()]),
        }),
      }),
      { description: 'F1 is null for a label that nobody in the test has and nobody was given.' },
    ),
    leftOut: Type.Array(
      Type.Object({
        label: Type.String(),
        count: Type.Integer(),
        reason: Type.Enum(['rare', 'everywhere']),
      }),
    ),
    comparison: Type.Object({
      compressionRatio: Type.Number({ description: "Teacher's bytes by the student's." }),
      microF1OfTeacher: { ...Measured, description: "Student's micro F1 by the teacher's." },
      microF1OverAlone: { ...Measured, description: 'Student minus the same student without a teacher.' },
      microF1OverFrequency: { ...Measured, description: 'Student minus the label frequencies.' },
    }),
    data: Type.Object({
      entities: Type.Integer({ description: 'Items or users.' }),
      withLabels: Type.Integer(),
      labels: Type.Integer(),
      items: Type.Integer({ description: 'Items whose interactions are read.' }),
      interactions: Type.Integer(),
      featureColumns: Type.Integer(),
      train: Type.Integer(),
      validation: Type.Integer({ description: 'Chose the epochs, the calibration and the thresholds.' }),
      test: Type.Integer(),
      split: Type.String(),
      hash: Type.String(),
    }),
    protocol: Type.Object({ labels: Type.String(), thresholds: Type.String(), interval: Type.String() }),
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
      'Of the task multi-label: how well teacher, student, the same student without a teacher, and label frequencies predict the labels of entities that were held out.',
  },
);
export type LabelReport = Static<typeof LabelReport>;
