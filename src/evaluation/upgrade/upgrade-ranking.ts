import type { ComparisonReport } from '../../domain/reports/comparison-report.ts';
import type { MeasuredByName } from '../../domain/reports/measured.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import { UNRANKED } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import type { SetReport } from '../../domain/reports/set-report.ts';
import type { TaskReport } from '../../domain/reports/task-report.ts';
import { atTen, headlineOf } from '../verdict/headline.ts';
import { differences, type FormerHead, metricsOf, roleOf, type Upgraded } from './former.ts';
import { type FormerLabeller, formerMicroF1, labellerOf } from './upgrade-labels.ts';

type FormerRanker = Omit<ModelReport, 'role' | 'segments' | 'calibratedLoss' | 'scoreScale' | 'figures'> & {
  segments: { segment: string; users: number; metrics: Record<string, number> }[];
};

interface FormerComparison {
  compressionRatio?: number;
  retained?: MeasuredByName;
  keptByRounding?: MeasuredByName;
  gainOverAlone?: MeasuredByName;
  /** In the table of one of several tasks. */
  gainOverSingleTask?: MeasuredByName;
  gainOverPrevious?: MeasuredByName;
  /** The student's metric divided by popularity's, minus 1. */
  gainOverPopularity?: MeasuredByName;
}

interface FormerTask extends Omit<TaskReport, 'models' | 'comparison' | 'histories' | 'headline'> {
  rankers: FormerRanker[];
  comparison: FormerComparison;
}

interface FormerSets {
  users: number;
  labellers: (FormerLabeller & { threshold: number })[];
  microF1OfTeacher: MeasuredByName[string];
  microF1OverAlone: MeasuredByName[string];
  microF1OverPopularity: MeasuredByName[string];
}

/** A report of rankings before format 2, of one task or several. */
export interface FormerRankingReport
  extends FormerHead,
    Pick<
      Report,
      | 'data'
      | 'protocol'
      | 'studentBeforeTraining'
      | 'teacherCoverage'
      | 'transfer'
      | 'ensemble'
      | 'oneForAll'
    > {
  rankers: FormerRanker[];
  comparison: FormerComparison;
  tasks?: FormerTask[];
  sets?: FormerSets;
}

export function upgradeRanking(former: FormerRankingReport): Upgraded {
  const { rankers, comparison, tasks, sets, data, protocol, studentBeforeTraining = null } = former;
  const { teacherCoverage, transfer, ensemble, oneForAll } = former;
  const models = rankers.map(modelOf);
  const headlineMetric = atTen('ndcg', placesOf(models));
  return {
    headlineMetric,
    task: sets ? 'multi-label' : models.some(readsOrder) ? 'sequential' : 'single-label',
    models,
    comparison: comparisonOf(comparison, models),
    ...(tasks && { tasks: tasks.map((task) => taskOf(task, headlineMetric)) }),
    ...(sets && { sets: setsOf(sets) }),
    ...{ data, protocol, studentBeforeTraining },
    ...(teacherCoverage && { teacherCoverage }),
    ...(transfer && { transfer }),
    ...(ensemble && { ensemble }),
    ...(oneForAll && { oneForAll }),
  };
}

function modelOf({ segments, ...ranker }: FormerRanker): ModelReport {
  const { accuracy } = ranker.metrics;
  return {
    ...UNRANKED,
    ...ranker,
    role: roleOf(ranker.name),
    metrics: { ...ranker.metrics, ...(accuracy && { 'hr@1': accuracy }) },
    segments: segments.map(({ segment, users, metrics }) => ({ segment, count: users, metrics })),
  };
}

/** The students of the task sequential say so; former reports do not name their task. */
function readsOrder({ name, description }: ModelReport): boolean {
  return name === 'student' && /^sequential|, recency /.test(description);
}

function comparisonOf(
  {
    compressionRatio,
    retained = {},
    keptByRounding = {},
    gainOverAlone,
    gainOverSingleTask,
    gainOverPrevious,
    gainOverPopularity = {},
  }: FormerComparison,
  models: readonly ModelReport[],
): ComparisonReport {
  const bytes = (name: string) => models.find((one) => one.name === name)?.bytes ?? Number.NaN;
  // A gain over popularity is a share less 1.
  const shares = Object.fromEntries(
    Object.entries(gainOverPopularity).map(([metric, { value, low, high }]) => [
      metric,
      { value: value + 1, low: low + 1, high: high + 1 },
    ]),
  );
  return {
    compressionRatio: compressionRatio ?? bytes('teacher') / bytes('student'),
    retained,
    keptByRounding,
    gainOverTeacher: differences(retained, metricsOf(models, 'teacher')),
    gainOverAlone: gainOverAlone ?? {},
    ...(gainOverSingleTask && { gainOverSingleTask }),
    gainOverBaseline: differences(shares, metricsOf(models, 'popularity')),
    ...(gainOverPrevious && { gainOverPrevious }),
  };
}

function taskOf({ rankers, comparison, ...task }: FormerTask, metric: string): TaskReport {
  const models = rankers.map(modelOf);
  const table = { ...task, models, comparison: comparisonOf(comparison, models), histories: [] };
  const headline = headlineOf(table, metric);
  return { ...table, ...(headline && { headline }) };
}

function setsOf({ users, labellers, ...compared }: FormerSets): SetReport {
  const { retained, gainOverAlone, gainOverBaseline } = formerMicroF1({
    ofTeacher: compared.microF1OfTeacher,
    overAlone: compared.microF1OverAlone,
    overBaseline: compared.microF1OverPopularity,
  });
  return {
    users,
    models: labellers.map((one) => {
      const { name, role, metrics, figures } = labellerOf(one);
      return { name, role, threshold: one.threshold, metrics, figures };
    }),
    comparison: { retained, gainOverAlone, gainOverBaseline },
  };
}

function placesOf(models: readonly ModelReport[]): number[] {
  return Object.keys(models[0]?.metrics ?? {}).flatMap((name) =>
    name.startsWith('ndcg@') ? [Number(name.slice('ndcg@'.length))] : [],
  );
}
