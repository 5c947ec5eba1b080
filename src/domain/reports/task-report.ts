import { type Static, Type } from 'typebox';
import { ComparisonReport } from './comparison-report.ts';
import { DataReport } from './data-report.ts';
import { EnsembleReport } from './ensemble-report.ts';
import { Examples } from './example-report.ts';
import { HistoryReport } from './history-report.ts';
import { ModelReport } from './model-report.ts';
import { SeedReport } from './seed-report.ts';
import { Headline } from './verdict-report.ts';

const { train, validation, test, testUsers, testUsersInAll, split, takenOut } = DataReport.properties;

export const TaskReport = Type.Object(
  {
    task: Type.String(),
    types: Type.Array(Type.String()),
    weight: Type.Number({ description: 'Share of the loss, as the job gave it.' }),
    headline: Type.Optional(Headline),
    data: Type.Object({ train, validation, test, testUsers, testUsersInAll, split, takenOut }),
    models: Type.Array(ModelReport),
    comparison: ComparisonReport,
    histories: Type.Array(HistoryReport),
    seeds: Type.Optional(Type.Array(SeedReport)),
    ensemble: Type.Optional(EnsembleReport),
    examples: Type.Optional(Examples),
  },
  {
    description:
      "One task on its own test pairs: its teacher, the student with all tasks, a student with this task alone (the control single-task: the same history and teacher), the best small model without a teacher, and the task's popularity.",
  },
);
export type TaskReport = Static<typeof TaskReport>;
