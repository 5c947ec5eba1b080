import { type Static, Type } from 'typebox';
import { StudentSpec } from '../students/student-spec.ts';
import { DistillationSpec } from './distillation-spec.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(
  type: T,
  options: { description?: string } = {},
) => Type.Union([type, Type.Null()], options);

export const PlannedDefault = Type.Object({
  field: Type.String({ examples: ['student.dimensions'] }),
  value: Type.Unknown({ description: 'As the job would run with; null where the trainer finds it out.' }),
  why: Type.String(),
  decidedBy: Type.Enum(['rule', 'data', 'validation', 'installation'], {
    description:
      'rule: the same for every job. data: follows from the size of the data. validation: the trainer chooses among `choices`. installation: declared here.',
  }),
  choices: Type.Optional(Type.Array(Type.String(), { description: 'What validation chooses among.' })),
});
export type PlannedDefault = Static<typeof PlannedDefault>;

export const ExpectedCost = Type.Object({
  seconds: orNull(Type.Number(), {
    description: 'Of one job, on two cores that are otherwise idle; null where nothing is known.',
  }),
  isRough: Type.Boolean({ description: 'True where a part of it is a guess: see `basis`.' }),
  stages: Type.Array(Type.Object({ stage: Type.String(), seconds: Type.Number() })),
  plannedSeconds: orNull(Type.Number(), {
    description:
      'The same before it was corrected by earlier jobs; later plans compare it with the time that this job takes.',
  }),
  pace: Type.Number({ description: 'seconds divided by plannedSeconds.' }),
  measuredOn: Type.Array(Type.String(), {
    description: 'The earlier jobs of this installation that the pace is the median of.',
  }),
  memoryMiB: orNull(Type.Integer(), { description: 'Memory of the trainer process at its greatest.' }),
  basis: Type.String({ description: 'What the figures come from.' }),
});
export type ExpectedCost = Static<typeof ExpectedCost>;

export const TypeCheck = Type.Object({
  type: Type.String(),
  rows: Type.Integer(),
  meaning: Type.Enum(['positive', 'negative', 'neutral', 'ignored', 'unknown', 'unused'], {
    description:
      'unknown: nobody says what it means, and it does not count. unused: the job names other types. The others as in PUT /event-types.',
  }),
  from: Type.Enum(['job', 'declared', 'usual', 'nobody'], { description: 'Who says so.' }),
  values: Type.Optional(
    Type.Object(
      { rows: Type.Integer(), low: Type.Number(), high: Type.Number() },
      { description: 'Rows with a value, and the least and greatest.' },
    ),
  ),
});
export type TypeCheck = Static<typeof TypeCheck>;

export const ColumnCheck = Type.Object({
  of: Type.Enum(['items', 'users']),
  field: Type.String({ examples: ['features.year'] }),
  readAs: Type.Enum(['number', 'tokens', 'vector']),
  said: Type.Number({ description: 'Share of the looked-at ones that have it.' }),
  warning: Type.Optional(Type.String()),
});
export type ColumnCheck = Static<typeof ColumnCheck>;

export const DataCheck = Type.Object({
  isWhole: Type.Boolean({
    description: 'False: made from whole histories of some users; counts are then estimates.',
  }),
  lookedAt: Type.Integer({ description: 'Rows that were read for it.' }),
  rows: Type.Integer(),
  users: Type.Integer({ description: 'With something that counts.' }),
  items: Type.Integer(),
  pairs: Type.Integer({
    description: 'Of users and items that count, each once: what is split and learned from.',
  }),
  trainPairs: orNull(Type.Integer(), { description: 'Of these the training part.' }),
  testPairs: orNull(Type.Integer()),
  minimum: Type.Object({
    interactions: Type.Integer(),
    users: Type.Integer(),
    items: Type.Integer(),
    isMet: Type.Boolean(),
  }),
  undated: Type.Object({ rows: Type.Integer(), share: Type.Number() }),
  first: orNull(Type.String({ format: 'date-time' })),
  last: orNull(Type.String({ format: 'date-time' })),
  types: Type.Array(TypeCheck),
  columns: Type.Array(ColumnCheck, {
    description: 'Fields of the catalogue, of at most 2,000 items and users each.',
  }),
});
export type DataCheck = Static<typeof DataCheck>;

export const PlanProblem = Type.Object({
  field: orNull(Type.String(), {
    description: 'null where it is about no field of the job, such as too little data.',
  }),
  code: Type.String({ examples: ['invalid-job'] }),
  detail: Type.String({ description: 'What is wrong, and what would be right.' }),
});
export type PlanProblem = Static<typeof PlanProblem>;

export const JobPlan = Type.Object(
  {
    runs: Type.Boolean({ description: 'True: POST /jobs would take it, as things are now.' }),
    spec: DistillationSpec,
    settings: orNull(Type.Record(Type.String(), Type.Unknown()), {
      description:
        'Teacher, student and training with nothing left open, as the report will have them, but for what validation chooses.',
    }),
    defaults: Type.Array(PlannedDefault, { description: 'Everything that the request leaves open.' }),
    expected: ExpectedCost,
    data: orNull(DataCheck),
    students: Type.Array(
      Type.Object({
        place: Type.Integer(),
        student: StudentSpec,
        dimensions: orNull(Type.Integer()),
        bytes: orNull(Type.Integer(), { description: 'Of its weights, without tables of features.' }),
        seconds: orNull(Type.Number(), { description: 'Of its job: all but the first have a teacher.' }),
      }),
      {
        description:
          'Of several students each one; empty for one alone. What stands beside it is about the first.',
      },
    ),
    warnings: Type.Array(Type.String()),
    problems: Type.Array(PlanProblem),
  },
  {
    description:
      'What a job would do, why, and what it would cost. GET /jobs/{id} has that of the time when the job was posted; there is none of jobs of a schedule, and where none could be made.',
  },
);
export type JobPlan = Static<typeof JobPlan>;

/** An earlier job with the time that was planned for it and the time that it took. */
export interface PlannedJob {
  id: string;
  /** The task, or `several` of a job with tasks. */
  task: string;
  plannedSeconds: number;
  seconds: number;
}
