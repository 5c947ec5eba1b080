import type { ComparisonReport } from '../../../domain/reports/comparison-report.ts';
import { isError, metricTitle } from '../../../domain/reports/metric-names.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import type { TaskReport } from '../../../domain/reports/task-report.ts';

/** Table of one task: of a job without tasks that is the report itself. */
export type ReportTable = Pick<
  Report | TaskReport,
  'headline' | 'models' | 'comparison' | 'histories' | 'examples' | 'seeds'
>;

const TITLES: Record<string, string> = {
  teacher: 'Teacher',
  student: 'Student',
  'student-float32': 'Student before rounding',
  'student-alone': 'Same student, no teacher',
  'best-alone': 'Best small model, no teacher',
  'single-task': 'Student of this task alone',
  previous: 'Version before',
  live: 'Live version',
  popularity: 'Popularity',
  means: 'Means of items and users',
  frequency: 'Label frequencies',
};

/** Name of a model of a report in plain words, such as `Best small model, no teacher`. */
export const modelTitle = ({ name, version }: Pick<ModelReport, 'name' | 'version'>): string =>
  `${TITLES[name] ?? name}${version === undefined ? '' : ` (${version})`}`;

/** Names of the tasks of a report; empty for a job without tasks. */
export const taskNames = (report: Report): string[] => (report.tasks ?? []).map(({ task }) => task);

/** Table of a task; without a name, or with one that the report lacks, that of the first. */
export const tableOf = (report: Report, task: string | null): ReportTable =>
  report.tasks?.find((one) => one.task === task) ?? report;

export const rowOf = (table: Pick<ReportTable, 'models'>, name: string): ModelReport | undefined =>
  table.models.find((model) => model.name === name);

/** Metrics that the student was measured by, that of the headline first. `accuracy` is the former name of hr@1. */
export function metricsOf(table: Pick<ReportTable, 'headline' | 'models'>): string[] {
  const names = Object.keys(rowOf(table, 'student')?.metrics ?? {}).filter((name) => name !== 'accuracy');
  const first = table.headline?.metric;
  return first !== undefined && names.includes(first)
    ? [first, ...names.filter((name) => name !== first)]
    : names;
}

/** The metric that is asked for where the table has it, else that of the headline. */
export function metricOr(
  table: Pick<ReportTable, 'headline' | 'models'>,
  asked: string | null,
): string | undefined {
  const metrics = metricsOf(table);
  return asked !== null && metrics.includes(asked) ? asked : metrics[0];
}

/** Title of a metric, which says where less is better. */
export const metricLabel = (metric: string): string =>
  isError(metric) ? `${metricTitle(metric)} (less is better)` : metricTitle(metric);

const COMPARISONS: readonly (readonly [keyof ComparisonReport, string])[] = [
  ['gainOverTeacher', 'the teacher'],
  ['gainOverAlone', 'the best control without a teacher'],
  ['gainOverSingleTask', 'a student of this task alone'],
  ['gainOverBaseline', 'the baseline'],
  ['gainOverPrevious', 'the version that taught it'],
  ['gainOverLive', 'the live version'],
];

export interface Difference {
  over: string;
  value: number;
  low: number;
  high: number;
  result: Result;
}

export type Result = 'better' | 'equal' | 'worse';

/** Reads an interval of a difference of which above 0 is better: `equal` where it holds 0. */
export const resultOf = ({ low, high }: { low: number; high: number }): Result =>
  low > 0 ? 'better' : high < 0 ? 'worse' : 'equal';

/** Colours of results, of a word and of a bar. */
export const RESULT_TONES = { better: 'good', equal: 'quiet', worse: 'bad' } as const;
export const BAR_TONES = { better: 'good', equal: 'plain', worse: 'bad' } as const;

/** Paired differences of the student by one metric, above 0 in its favour; what was not compared is left out. */
export function differencesOf(comparison: ComparisonReport, metric: string): Difference[] {
  return COMPARISONS.flatMap(([field, over]) => {
    const measured = (
      comparison[field] as Record<string, { value: number; low: number; high: number }> | undefined
    )?.[metric];
    return measured ? [{ over, ...measured, result: resultOf(measured) }] : [];
  });
}

export interface SegmentRow {
  segment: string;
  title: string;
  count: number;
  values: { name: ModelReport['name']; value: number | null }[];
}

/** Segments by one metric, each with the figures of the models, in the order in which the report has them. */
export function segmentRows(models: readonly ModelReport[], metric: string): SegmentRow[] {
  const of = (model: ModelReport, segment: string) => model.segments.find((one) => one.segment === segment);
  const first = models.find(({ name }) => name === 'student') ?? models[0];
  return (first?.segments ?? []).map(({ segment, count }) => ({
    segment,
    title: segmentTitle(segment),
    count,
    values: models.map((model) => ({ name: model.name, value: of(model, segment)?.metrics[metric] ?? null })),
  }));
}

/** Metrics that segments are measured by. */
export const segmentMetrics = (models: readonly ModelReport[]): string[] => [
  ...new Set(models.flatMap(({ segments }) => segments.flatMap(({ metrics }) => Object.keys(metrics)))),
];

const ITEMS: Record<string, string> = {
  head: 'Head: the most popular items',
  torso: 'Torso: items between',
  tail: 'Tail: the least popular items',
  old: 'Items that an earlier version knew',
  new: 'Items that are new since',
  cold: 'Items known by their features alone',
  'cold-only': 'Only items known by their features alone',
};

/** A segment in plain words, such as `Histories of 6-20 items`. */
export function segmentTitle(segment: string): string {
  const [kind = '', which = ''] = segment.split(':');
  if (kind === 'items') return ITEMS[which] ?? segment;
  if (kind === 'history') return which === '0' ? 'No history' : `Histories of ${which} items`;
  if (kind === 'behaviour') return which === 'none' ? 'Without interactions' : `With ${which} interactions`;
  return segment === 'users:cold' ? 'Users known by their features alone' : segment;
}

const HISTORIES: Record<string, string> = {
  taught: 'It learned from this very history',
  newer: 'The history has gone on since it learned',
  unseen: 'It has learned nothing of the user',
  known: 'All users that it knows',
};
export const historyTitle = (history: string): string => HISTORIES[history] ?? history;
