import type { ModelReport } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import { VERSION } from './examples.ts';

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

/** The report of the version of the examples. */
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
