import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { Problem } from '../base/problem.ts';
import { TraceContext } from '../base/trace-context.ts';
import { ImportSpec } from '../data/import.ts';
import { ReadingNotes } from '../data/reading/reading.ts';
import { Promotion } from '../releases/promotion.ts';
import { TeacherCoverage } from '../teachers/external-teacher.ts';
import { DistillationSpec } from './distillation-spec.ts';
import { JobPlan } from './job-plan.ts';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelling', 'cancelled'] as const;
export const JobState = Type.Enum([...JOB_STATES]);
export type JobState = Static<typeof JobState>;

export const JOB_TYPES = ['distillation', 'import'] as const;
export const JobType = Type.Enum([...JOB_TYPES]);

export const FINISHED_STATES: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];

/** Current work of the trainer or the importer. Every part but stage and fraction depends on the stage. */
export const JobProgress = Type.Object(
  {
    stage: Type.String({ examples: ['distillation'] }),
    fraction: Type.Number({ minimum: 0, maximum: 1, description: 'Of the whole job.', examples: [0.42] }),
    epoch: Type.Optional(Type.Integer({ examples: [12] })),
    epochs: Type.Optional(Type.Integer({ examples: [30] })),
    step: Type.Optional(Type.Integer()),
    model: Type.Optional(
      Type.String({
        description:
          'Name of what is trained, where a stage trains several models one after the other; as in `curves`.',
        examples: ['to choose the epochs'],
      }),
    ),
    epochEnd: Type.Optional(
      Type.Literal(true, {
        description:
          'The epoch has just ended: losses are its means, metrics are taken after it. There is an event for the end of every epoch.',
      }),
    ),
    losses: Type.Optional(
      Type.Record(Type.String(), Type.Number(), { examples: [{ softLabels: 1.9, hardLabels: 6.1 }] }),
    ),
    metrics: Type.Optional(Type.Record(Type.String(), Type.Number(), { examples: [{ 'ndcg@10': 0.31 }] })),
    learningRate: Type.Optional(Type.Number()),
    etaSeconds: Type.Optional(Type.Number({ examples: [14] })),
    rows: Type.Optional(Type.Integer({ description: 'Imports: rows read so far.' })),
    bytes: Type.Optional(Type.Integer({ description: 'Imports: bytes read so far.' })),
    accepted: Type.Optional(Type.Integer({ description: 'Imports: rows stored so far.' })),
    duplicates: Type.Optional(Type.Integer()),
    rejected: Type.Optional(Type.Integer()),
    kept: Type.Optional(
      Type.Integer({
        description:
          'Distillations: parts of the work kept so far (checkpoints, trained teachers, their lists). An attempt whose trainer dies counts against the job only if this has not grown since the death before.',
      }),
    ),
    rssMiB: Type.Optional(Type.Integer({ description: 'Memory of the trainer process.' })),
    device: Type.Optional(Type.String({ examples: ['native'] })),
    message: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type JobProgress = Static<typeof JobProgress>;

export const DistillationResult = Type.Object({
  model: ModelName,
  version: Type.Integer({ examples: [4] }),
  promotion: Type.Optional(Promotion),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type DistillationResult = Static<typeof DistillationResult>;

export const ImportResult = Type.Object({
  rows: Type.Integer({ description: 'Data rows read.' }),
  accepted: Type.Integer(),
  duplicates: Type.Integer(),
  rejected: Type.Integer(),
  rejects: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String() }), {
    description: 'The first bad lines with their reasons; GET /jobs/{id}/rejects has those that are kept.',
  }),
  rejectsKept: Type.Optional(
    Type.Integer({
      description:
        'Number of bad lines that are kept, where they are fewer than were rejected (setting KEEP_REJECTS).',
      examples: [10_000],
    }),
  ),
  coverage: Type.Optional(TeacherCoverage),
  unknownTypes: Type.Optional(
    Type.Record(Type.String(), Type.Integer(), {
      description: 'Rows by type of which nobody says what it means: they are stored and do not count.',
      examples: [{ wave: 12 }],
    }),
  ),
  warnings: Type.Optional(
    Type.Array(Type.String(), { description: 'What is stored and changes nothing, with what mends it.' }),
  ),
  reading: Type.Optional(ReadingNotes),
  dryRun: Type.Optional(
    Type.Boolean({ description: 'True: nothing was stored. The accepted rows would be stored.' }),
  ),
});
export type ImportResult = Static<typeof ImportResult>;

const Time = Type.String({ format: 'date-time' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const Job = Type.Object(
  {
    id: Type.String({ examples: ['job_01h8xk'] }),
    type: JobType,
    state: JobState,
    model: orNull(ModelName),
    spec: Type.Union([DistillationSpec, ImportSpec], {
      description:
        'As accepted, with the defaults that do not depend on the data. The report has all of them.',
    }),
    attempts: Type.Integer({ examples: [1] }),
    createdAt: Time,
    startedAt: orNull(Time),
    finishedAt: orNull(Time),
    progress: orNull(JobProgress),
    result: orNull(Type.Union([DistillationResult, ImportResult])),
    problem: orNull(Problem),
    retriedFrom: orNull(Type.String({ description: 'The job that this one is a retry of.' })),
    leader: orNull(
      Type.String({ description: 'Of several students: the job that trains the teacher of this one.' }),
    ),
    warnings: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'In the answer to POST /jobs: fields of features that are read in another way than they were sent.',
      }),
    ),
    followers: Type.Optional(
      Type.Array(Type.String(), {
        description: 'In the answer to POST /jobs with students: the jobs of the others.',
      }),
    ),
    plan: Type.Optional(JobPlan),
    keyId: orNull(
      Type.String({ description: 'Which API key asked for it; see GET /jobs.', examples: ['9f86d081884c'] }),
    ),
    scheduleId: orNull(Type.String({ description: 'The schedule that started it.' })),
    waiting: Type.Optional(
      Type.String({
        description:
          'In the answer to GET /jobs/{id}: why a queued job cannot run, where nobody is there to take it.',
        examples: ['waits for a worker of lane training: none is there'],
      }),
    ),
    trace: Type.Optional(TraceContext),
  },
  { description: 'A job. It outlives the queue: its record is kept in SQL.' },
);
export type Job = Static<typeof Job>;

export const JobEvent = Type.Object({
  seq: Type.Integer({ description: 'Without gaps, from 1, per job.', examples: [3] }),
  at: Time,
  type: Type.Enum(['state', 'progress', 'warning']),
  data: Type.Record(Type.String(), Type.Unknown()),
});
export type JobEvent = Static<typeof JobEvent>;

export const JobLogLine = Type.Object({
  seq: Type.Integer({ description: 'From 1, per job.', examples: [3] }),
  at: Time,
  level: Type.Enum(['debug', 'info', 'warn', 'error']),
  message: Type.String(),
});
export type JobLogLine = Static<typeof JobLogLine>;
