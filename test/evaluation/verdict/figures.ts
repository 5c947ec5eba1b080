import type { Measured } from '../../../src/domain/reports/measured.ts';
import type { ModelReport } from '../../../src/domain/reports/model-report.ts';
import type { Report } from '../../../src/domain/reports/report.ts';

/** A figure with an interval of so much to both sides. */
export const about = (value: number, around = 0.01): Measured => ({
  value,
  low: value - around,
  high: value + around,
});

type Roles = Partial<Record<ModelReport['name'], ModelReport['role']>>;
const ROLES: Roles = {
  teacher: 'teacher',
  student: 'student',
  'student-float32': 'student',
  'student-alone': 'control',
  'best-alone': 'control',
  'single-task': 'control',
  popularity: 'baseline',
  means: 'baseline',
  live: 'live',
};

/** A model with one metric. */
export function modelOf(name: ModelReport['name'], metrics: Record<string, number>): ModelReport {
  return {
    name,
    role: ROLES[name]!,
    description: name,
    metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, about(value)])),
    loss: 5,
    calibratedLoss: null,
    scoreScale: null,
    fidelity: name === 'teacher' ? null : { 'overlap@10': about(0.6), 'overlap@5': about(0.5) },
    coverage: { 'coverage@10': 0.4, 'coverage@50': 0.8 },
    popularityBias: null,
    parameters: 10,
    bytes: 40,
    p50Microseconds: null,
    p99Microseconds: null,
    segments: [{ segment: 'items:tail', count: 50, metrics: { 'recall@50': 0.1 } }],
  };
}

type Figures = Pick<Report, 'models' | 'comparison' | 'histories' | 'data'>;

const DATA: Report['data'] = {
  ...{ users: 300, items: 1000, interactions: 9000, train: 6000, validation: 1000, test: 2000 },
  ...{ testUsers: 250, split: '', hash: '' },
};

/** Figures of a good student: worse than its teacher by a little, better than the others. */
export function figuresOf(
  changed: Partial<Figures['comparison']> = {},
  more: Partial<Figures> = {},
): Figures {
  return {
    models: [
      modelOf('teacher', { 'ndcg@10': 0.3 }),
      modelOf('student', { 'ndcg@10': 0.29 }),
      modelOf('student-float32', { 'ndcg@10': 0.29 }),
      modelOf('student-alone', { 'ndcg@10': 0.25 }),
      modelOf('popularity', { 'ndcg@10': 0.1 }),
    ],
    comparison: {
      compressionRatio: 10,
      retained: { 'ndcg@10': about(0.967) },
      keptByRounding: { 'ndcg@10': about(1) },
      gainOverTeacher: { 'ndcg@10': about(-0.01, 0.005) },
      gainOverAlone: { 'ndcg@10': about(0.04) },
      gainOverBaseline: { 'ndcg@10': about(0.19) },
      teacherOverBaseline: { 'ndcg@10': about(0.2) },
      ...changed,
    },
    histories: [],
    data: DATA,
    ...more,
  };
}
