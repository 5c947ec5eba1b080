import { type Static, Type } from 'typebox';
import { EnsembleReport } from './ensemble-report.ts';
import { Measured } from './measured.ts';
import { RankerReport } from './ranker-report.ts';

const Compared = Type.Record(Type.String(), Measured);

export const TaskReport = Type.Object(
  {
    task: Type.String(),
    types: Type.Array(Type.String()),
    weight: Type.Number({ description: 'Share of the loss, as the job gave it.' }),
    data: Type.Object({
      train: Type.Integer(),
      validation: Type.Integer(),
      test: Type.Integer(),
      testUsers: Type.Integer(),
      split: Type.String(),
    }),
    rankers: Type.Array(RankerReport),
    ensemble: Type.Optional(EnsembleReport),
    comparison: Type.Object({
      retained: Compared,
      keptByRounding: Compared,
      gainOverAlone: Type.Optional({
        ...Compared,
        description:
          'Student minus best-alone, the only control without a teacher: single-task has the one of its task.',
      }),
      gainOverSingleTask: Compared,
      gainOverPopularity: Compared,
    }),
  },
  {
    description:
      "One task on its own test pairs: its teacher, the student with all tasks, a student with this task alone (the same history and teacher), the best small model without a teacher, and the task's popularity.",
  },
);
export type TaskReport = Static<typeof TaskReport>;
