import { type Static, Type } from 'typebox';
import { EnsembleReport, TeacherCoverage } from './ensemble-report.ts';
import { Measured, Numbers } from './measured.ts';
import { RankerReport } from './ranker-report.ts';
import { SetReport } from './set-report.ts';
import { TaskReport } from './task-report.ts';
import { TransferReport } from './transfer-report.ts';

export const Report = Type.Object(
  {
    model: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    rankers: Type.Array(RankerReport, { description: 'With tasks those of the first one.' }),
    comparison: Type.Object({
      compressionRatio: Type.Number({ description: "Teacher's bytes by the student's." }),
      retained: Type.Record(Type.String(), Measured, {
        description:
          "Student's metric as a share of the teacher's, paired bootstrap; a metric that is 0 for the teacher is left out.",
      }),
      keptByRounding: Type.Record(Type.String(), Measured, {
        description:
          "Student's metric as a share of the same student's before its weights were rounded, paired bootstrap.",
      }),
      strongestControl: Type.Optional(
        Type.Enum(['student-alone', 'best-alone'], {
          description:
            'The better of both controls by NDCG@10 on the test itself, which speaks against the student; with tasks best-alone, as single-task has a teacher. Absent in reports of before.',
        }),
      ),
      gainOverAlone: Type.Record(Type.String(), Measured, {
        description: 'Student minus the strongest control, which has no teacher, paired bootstrap.',
      }),
      gainOverPrevious: Type.Optional(
        Type.Record(Type.String(), Measured, {
          description: 'Student minus the student of the version that taught it, paired bootstrap.',
        }),
      ),
      gainOverPopularity: Type.Record(Type.String(), Measured, {
        description: "Student's metric by popularity's, minus 1.",
      }),
    }),
    tasks: Type.Optional(Type.Array(TaskReport)),
    oneForAll: Type.Optional(
      Type.Object(
        {
          bytes: Type.Integer(),
          singleTaskBytes: Type.Integer({ description: 'Of the single-task students together.' }),
          sizeRatio: Type.Number(),
          p50Microseconds: Type.Number({ description: 'Median of one answer per task, summed up.' }),
          singleTaskP50Microseconds: Type.Number(),
        },
        { description: 'With tasks: the one student against the sum of the single-task students.' },
      ),
    ),
    data: Type.Object({
      users: Type.Integer(),
      items: Type.Integer(),
      interactions: Type.Integer(),
      train: Type.Integer(),
      validation: Type.Integer(),
      test: Type.Integer(),
      testUsers: Type.Integer({
        description: 'Users with at least one test item: those that were evaluated.',
      }),
      split: Type.String(),
      hash: Type.String({ description: 'SHA-256 of the interactions used, whatever their order.' }),
    }),
    protocol: Type.Object(
      {
        ranking: Type.String(),
        histories: Type.String(),
        recallDenominator: Type.String(),
        interval: Type.String(),
      },
      { description: 'How the metrics were taken.' },
    ),
    teacherCoverage: Type.Optional(TeacherCoverage),
    sets: Type.Optional(SetReport),
    studentBeforeTraining: Type.Union([Numbers, Type.Null()], {
      description:
        'On the validation part, before the first epoch: what the transfer of parameters alone gives. null without a validation part.',
    }),
    transfer: Type.Optional(TransferReport),
    ensemble: Type.Optional(EnsembleReport),
    settings: Type.Record(Type.String(), Type.Unknown()),
    seed: Type.Integer(),
    backend: Type.Record(Type.String(), Type.Unknown()),
    codeVersion: Type.String(),
    seconds: Numbers,
    warnings: Type.Array(Type.String()),
  },
  {
    description: 'The fidelity report: teacher, student, controls without a teacher, and popularity.',
  },
);
export type Report = Static<typeof Report>;
