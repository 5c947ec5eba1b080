import { type Static, Type } from 'typebox';
import { TaskSpec } from '../base/task-spec.ts';
import { ComparisonReport } from './comparison-report.ts';
import { CurveReport } from './curve-report.ts';
import { DataReport } from './data-report.ts';
import { EnsembleReport, TeacherCoverage } from './ensemble-report.ts';
import { Examples } from './example-report.ts';
import { HistoryReport } from './history-report.ts';
import { LabelTable } from './label-table.ts';
import { LiveReport } from './live-report.ts';
import { Numbers, orNull } from './measured.ts';
import { ModelReport } from './model-report.ts';
import { NewItemsReport } from './new-items-report.ts';
import { SeedReport } from './seed-report.ts';
import { ServedReport } from './served-report.ts';
import { SetReport } from './set-report.ts';
import { TaskReport } from './task-report.ts';
import { TransferReport } from './transfer-report.ts';
import { Headline, Verdict } from './verdict-report.ts';

/** The version of the report's shape; reports of earlier releases are upgraded to it when they are read. */
export const REPORT_FORMAT = 2;

/** Parts that only some jobs have. */
const OPTIONAL_PARTS = {
  tasks: Type.Optional(
    Type.Array(TaskReport, { description: 'Of a job with tasks: a table for each, the first one too.' }),
  ),
  oneForAll: Type.Optional(
    Type.Object(
      {
        bytes: Type.Integer(),
        singleTaskBytes: Type.Integer({ description: 'Bytes of the single-task students together.' }),
        sizeRatio: Type.Number({ description: 'singleTaskBytes divided by bytes.' }),
        p50Microseconds: Type.Number({ description: 'Median of one answer per task, summed up.' }),
        singleTaskP50Microseconds: Type.Number(),
      },
      { description: 'Of a job with tasks: the one student against the sum of the single-task students.' },
    ),
  ),
  labels: Type.Optional(LabelTable),
  sets: Type.Optional(SetReport),
  scale: Type.Optional(
    Type.Object(
      {
        low: Type.Number(),
        high: Type.Number(),
        from: Type.Enum(['job', 'data'], { description: 'Whether the job named it.' }),
      },
      { description: 'Of the task rating: the lowest and the highest rating.' },
    ),
  ),
  teacherCoverage: Type.Optional(TeacherCoverage),
  examples: Type.Optional(Examples),
  transfer: Type.Optional(TransferReport),
  ensemble: Type.Optional(EnsembleReport),
  newItems: Type.Optional(NewItemsReport),
  live: Type.Optional(LiveReport),
};

export const Report = Type.Object(
  {
    format: Type.Literal(REPORT_FORMAT),
    model: Type.String(),
    task: TaskSpec,
    createdAt: Type.String({ format: 'date-time' }),
    verdict: Verdict,
    headline: Type.Optional(Headline),
    models: Type.Array(ModelReport, {
      description:
        'Teacher, student, controls and baseline on the same test part, over users that the student knows (over unseen users where the split knows no others). With tasks those of the first task.',
    }),
    comparison: ComparisonReport,
    seeds: Type.Optional(
      Type.Array(SeedReport, {
        description:
          'With evaluation.seeds: each seed by itself. Tables and comparisons are means over all of them then, with intervals over users and seeds; segments, coverage and times are those of the first.',
      }),
    ),
    histories: Type.Array(HistoryReport, {
      description:
        'The same by what the student knows of the users: their taught histories, histories that have gone on since, and users that it has never seen. Empty where the kinds were not told apart.',
    }),
    curves: Type.Array(CurveReport, { description: 'Every training loop of the job, in its order.' }),
    served: ServedReport,
    ...OPTIONAL_PARTS,
    data: DataReport,
    protocol: Type.Object(
      {
        ranking: Type.Optional(Type.String({ description: 'Which items are ranked.' })),
        predictions: Type.Optional(Type.String({ description: 'Which ratings are predicted.' })),
        labels: Type.Optional(Type.String({ description: 'Which labels are predicted.' })),
        thresholds: Type.Optional(Type.String({ description: 'How labels are decided upon.' })),
        histories: Type.Optional(Type.String({ description: 'What the models are asked with.' })),
        recallDenominator: Type.Optional(Type.String({ description: 'What recall divides by.' })),
        interval: Type.String({ description: 'How intervals are made.' }),
      },
      {
        description: 'How the metrics were taken: numbers of other protocols cannot be compared with these.',
      },
    ),
    studentBeforeTraining: orNull(Numbers, {
      description:
        'On the validation part, before the first epoch: what the transfer of parameters alone gives. null without a validation part, and for tasks without such a transfer.',
    }),
    settings: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Everything that was set, with what the size of the data and training chose.',
    }),
    seed: Type.Integer(),
    backend: Type.Record(Type.String(), Type.Unknown()),
    codeVersion: Type.String(),
    seconds: { ...Numbers, description: 'Time of each stage, in seconds.' },
    warnings: Type.Array(Type.String()),
  },
  {
    description:
      'The fidelity report, the same shape for every task: what the student kept of its teacher, beside controls without a teacher and a baseline. docs/report.md says how to read it.',
  },
);
export type Report = Static<typeof Report>;
