import type { Model, ModelVersion } from '../../domain/answers/model.ts';
import type { Recommendation } from '../../domain/answers/recommendation.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { Schedule } from '../../domain/jobs/schedule.ts';
import type { Problems } from './documentation.ts';

/** One small story for the documentation: the job that made version 4 of the model "movies". */
const JOB_ID = 'job_01kq3v5yqk8r7m2d9xw4t6b1ce';
const SUBMITTED = '2026-03-01T12:00:00.000Z';

/** Jobs as they are sent. */
export const NEW_JOBS = {
  'all defaults': { model: 'movies' },
  'the next item': { model: 'next-film', task: 'sequential' },
  'labels of items': { model: 'genres', task: 'multi-label', labels: { of: 'items', from: 'categories' } },
  'a teacher, a student and losses of your own': {
    model: 'movies',
    teacher: { kind: 'softmax', hidden: [600] },
    student: { kind: 'fold-in', dimensions: 32, quantization: 'int8' },
    distillation: {
      losses: [
        { kind: 'softLabels', weight: 1, temperature: 2 },
        { kind: 'hardLabels', weight: 0.5 },
      ],
      transfer: 'svd',
      seed: 42,
    },
  },
} satisfies Record<string, DistillationSpec>;

export const RUNNING_JOB: Job = {
  id: JOB_ID,
  type: 'distillation',
  state: 'running',
  model: 'movies',
  spec: completeDistillation({ model: 'movies' }),
  attempts: 1,
  createdAt: SUBMITTED,
  startedAt: '2026-03-01T12:00:01.000Z',
  finishedAt: null,
  progress: {
    stage: 'distillation',
    fraction: 0.42,
    epoch: 12,
    epochs: 30,
    losses: { softLabels: 1.9, hardLabels: 6.1 },
    etaSeconds: 14,
  },
  result: null,
  problem: null,
  retriedFrom: null,
  leader: null,
  keyId: null,
  scheduleId: null,
};

export const QUEUED_JOB: Job = {
  ...RUNNING_JOB,
  state: 'queued',
  attempts: 0,
  startedAt: null,
  progress: null,
};

export const CANCELLED_JOB: Job = {
  ...QUEUED_JOB,
  state: 'cancelled',
  finishedAt: '2026-03-01T12:00:05.000Z',
};

export const QUEUED_IMPORT: Job = {
  ...QUEUED_JOB,
  id: 'job_01kq3v0rm2hz5n8c4yj7p3d6fa',
  type: 'import',
  model: null,
  spec: {
    type: 'import',
    kind: 'interactions',
    format: 'csv',
    file: 'imports/job_01kq3v0rm2hz5n8c4yj7p3d6fa.csv',
    bytes: 1_979_173,
  },
};

export const NIGHTLY: Schedule = {
  id: 'sch_01kq3v5yqk8r7m2d9xw4t6b1ce',
  name: 'every night',
  cron: '0 3 * * *',
  timeZone: 'Europe/Berlin',
  afterInteractions: null,
  job: completeDistillation({ model: 'movies' }),
  paused: false,
  createdAt: SUBMITTED,
  nextRunAt: '2026-03-02T02:00:00.000Z',
  lastRun: { jobId: JOB_ID, at: '2026-03-01T02:00:01.000Z' },
  lastSkip: null,
  keyId: null,
};

export const RECEIPT = {
  id: '0d2c9f3e-4b8e-4c55-9d0e-6f0f4f2f7c11',
  at: SUBMITTED,
  what: 'user',
  interactions: 12,
};

export const VERSION: ModelVersion = {
  model: 'movies',
  version: 4,
  jobId: JOB_ID,
  createdAt: '2026-03-01T12:00:30.000Z',
  artifact: `models/movies/${JOB_ID}`,
  bytes: 121_000,
  items: 1682,
  dimensions: 32,
  summary: { metrics: { teacher: { 'ndcg@10': 0.31 }, student: { 'ndcg@10': 0.3 } }, compressionRatio: 66 },
  aliases: ['stable'],
  serving: { state: 'live' },
};

export const MODEL: Model = { name: 'movies', aliases: { stable: 4 }, versions: [VERSION] };

export const RECOMMENDATION: Recommendation = {
  userId: 'user-42',
  items: [{ itemId: 'film-7', score: 8.31, title: 'Toy Story (1995)' }],
  source: 'student',
  model: { name: 'movies', version: 4, task: 'default' },
  recommendationId: '3b241101-e2bb-4255-8caf-4136c566a962',
};

/** The failures of all that a live model answers. */
export const RECOMMEND_PROBLEMS = {
  'invalid-request': 'filter, at character 6: there is "1990", expected one of = != < <= > >= in.',
  'invalid-id': 'userId contains a NUL character; remove it.',
  'not-found': 'There is no model "films".',
  conflict: 'version 3 of model movies cannot be used: weights.safetensors is truncated: 10 of 20 bytes',
} satisfies Problems;
