import type { Model, ModelVersion } from '../../domain/answers/model.ts';
import type { Recommendation } from '../../domain/answers/recommendation.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { Schedule } from '../../domain/jobs/schedule.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
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

const teacher: ModelReport = {
  name: 'teacher',
  role: 'teacher',
  description: 'softmax 600, relu',
  loss: 6.1,
  calibratedLoss: 6.02,
  scoreScale: 0.9,
  metrics: { 'ndcg@10': { value: 0.31, low: 0.3, high: 0.32 } },
  coverage: { 'coverage@10': 0.4 },
  popularityBias: { 'averagePopularity@10': 210, 'headShare@10': 0.6, 'gini@10': 0.8 },
  fidelity: null,
  parameters: 2_020_082,
  bytes: 8_080_328,
  p50Microseconds: 900,
  p99Microseconds: 1400,
  segments: [{ segment: 'items:head', count: 900, metrics: { 'ndcg@10': 0.35 } }],
};

const student: ModelReport = {
  ...teacher,
  name: 'student',
  role: 'student',
  description: 'fold-in 32, int8',
  metrics: { 'ndcg@10': { value: 0.3, low: 0.29, high: 0.31 } },
  fidelity: { 'overlap@10': { value: 0.7, low: 0.69, high: 0.71 } },
  parameters: 109_362,
  bytes: VERSION.bytes,
  p50Microseconds: 20,
  p99Microseconds: 40,
};

const comparison: Report['comparison'] = {
  compressionRatio: 66,
  retained: { 'ndcg@10': { value: 0.97, low: 0.96, high: 0.98 } },
  keptByRounding: { 'ndcg@10': { value: 0.999, low: 0.997, high: 1.001 } },
  gainOverTeacher: { 'ndcg@10': { value: -0.01, low: -0.013, high: -0.006 } },
  gainOverAlone: { 'ndcg@10': { value: 0.02, low: 0.01, high: 0.03 } },
  gainOverBaseline: { 'ndcg@10': { value: 0.14, low: 0.13, high: 0.15 } },
};

export const REPORT: Report = {
  format: 2,
  model: 'movies',
  task: 'single-label',
  createdAt: VERSION.createdAt,
  verdict: {
    text: "Over users whose histories have gone on since the student learned from them the student's NDCG@10 is 0.3000 (0.2900 to 0.3100); its teacher's is 0.3100, of which it keeps 97.0 % (96.0 % to 98.0 %). The student is worse than its teacher: -0.0100 NDCG@10 (-0.0130 to -0.0060). To try: Nothing stands out. A lower student.dimensions may keep as much.",
    findings: [
      {
        about: 'teacher',
        result: 'worse',
        metric: 'ndcg@10',
        difference: { value: -0.01, low: -0.013, high: -0.006 },
        text: 'The student is worse than its teacher: -0.0100 NDCG@10 (-0.0130 to -0.0060).',
      },
    ],
    lost: [],
    advice: ['Nothing stands out. A lower student.dimensions may keep as much.'],
  },
  headline: {
    metric: 'ndcg@10',
    better: 'higher',
    history: 'newer',
    student: { value: 0.3, low: 0.29, high: 0.31 },
    teacher: { value: 0.31, low: 0.3, high: 0.32 },
    retained: { value: 0.97, low: 0.96, high: 0.98 },
    overlap: { value: 0.7, low: 0.69, high: 0.71 },
  },
  models: [teacher, student],
  comparison,
  histories: [
    {
      history: 'newer',
      users: 230,
      models: [teacher, student].map(({ name, metrics, fidelity }) => ({ name, metrics, fidelity })),
      retained: comparison.retained,
    },
  ],
  curves: [
    {
      stage: 'distillation',
      metric: 'ndcg@10',
      points: [
        { epoch: 1, seconds: 0.4, losses: { total: 2.4, softLabels: 2.4 }, metric: 0.24, learningRate: 0.01 },
      ],
    },
  ],
  served: { weights: 'refitted' },
  data: {
    users: 942,
    items: 1447,
    interactions: 55_375,
    train: 40_000,
    validation: 4375,
    test: 11_000,
    testUsers: 938,
    split: 'last-fraction 0.2',
    hash: 'b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184',
  },
  protocol: {
    ranking: "all items but the user's training and validation pairs; ties count against the ranker",
    histories: 'training and validation pairs, the newest 500 of each user, as in serving',
    recallDenominator: 'testSize: all test items of the user',
    interval: '95 %, percentile bootstrap over users, 1,000 replicates; comparisons are paired',
  },
  studentBeforeTraining: { 'ndcg@10': 0.24 },
  settings: { distillation: { epochs: 30 } },
  seed: 42,
  backend: { name: 'native' },
  codeVersion: '0.1.0',
  seconds: { teacher: 12, distillation: 8 },
  warnings: [],
};

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
  'ambiguous-model': 'Name one of the models: movies, books.',
  conflict: 'version 3 of model movies cannot be used: weights.safetensors is truncated: 10 of 20 bytes',
} satisfies Problems;
