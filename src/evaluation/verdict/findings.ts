import type { MeasuredByName } from '../../domain/reports/measured.ts';
import { isError, metricTitle } from '../../domain/reports/metric-names.ts';
import { isWithoutTeacher, type ModelReport } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import type { Finding } from '../../domain/reports/verdict-report.ts';

/** The parts of a report, or of one of its tasks, that a verdict is made from. */
export type Figures = Pick<Report, 'models' | 'comparison' | 'histories'>;

type Measured = Finding['difference'];

const TITLES: Record<ModelReport['name'], string> = {
  teacher: 'its teacher',
  student: 'the student',
  'student-float32': 'the student before rounding',
  'student-alone': 'the same student without a teacher',
  'best-alone': 'the best small model without a teacher',
  'single-task': 'a student of this task alone',
  previous: 'the version that taught it',
  live: 'the version that is live now',
  popularity: 'popularity',
  means: 'the means of items and users',
  frequency: 'the label frequencies',
};

/** Name of a model in a sentence. */
export function titleOf({ models }: Pick<Figures, 'models'>, name: string): string {
  const { role, version, isLive } = models.find((one) => one.name === name) ?? {};
  if (role === 'live' && version !== undefined) return `version ${version}, which is live now`;
  if (isLive) return `version ${version}, which taught it and is live now`;
  return TITLES[name as ModelReport['name']] ?? name;
}

/** Better or worse where the interval of the paired difference is on one side of 0. */
function resultOf({ low, high }: Measured): Finding['result'] {
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : 'equal';
}

/** The student against everybody else by one metric, each as the intervals say. */
export function findingsOf(figures: Figures, metric: string): Finding[] {
  const { models, comparison } = figures;
  const { gainOverTeacher, gainOverAlone, gainOverSingleTask, gainOverBaseline } = comparison;
  const { gainOverPrevious, gainOverLive } = comparison;
  const against = (
    isOther: (model: ModelReport) => boolean,
    gains: MeasuredByName | undefined,
  ): Finding[] => {
    const about = bestOf(models, isOther, metric);
    const difference = gains?.[metric];
    if (!about || !difference) return [];
    const result = resultOf(difference);
    return [
      {
        about,
        result,
        metric,
        difference,
        text: sentence(figures, 'The student', { about, metric, difference }),
      },
    ];
  };
  return [
    ...against(ofRole('teacher'), gainOverTeacher),
    ...against(isWithoutTeacher, gainOverAlone),
    ...against(({ name }) => name === 'single-task', gainOverSingleTask),
    ...against(ofRole('baseline'), gainOverBaseline),
    ...against(ofRole('previous'), gainOverPrevious),
    ...against(ofRole('live'), gainOverLive),
  ];
}

/** The teacher against the baseline; undefined where they were not compared. */
export function teacherFinding(figures: Figures, metric: string): Finding | undefined {
  const { models, comparison } = figures;
  const about = bestOf(models, ofRole('baseline'), metric);
  const difference = comparison.teacherOverBaseline?.[metric];
  if (!about || !difference) return undefined;
  const text = sentence(figures, 'The teacher', { about, metric, difference });
  return { about, result: resultOf(difference), metric, difference, text };
}

function ofRole(role: ModelReport['role']): (model: ModelReport) => boolean {
  return (model) => model.role === role;
}

/** Name of the best of some models. */
function bestOf(models: Figures['models'], isWanted: (model: ModelReport) => boolean, metric: string) {
  const sign = isError(metric) ? -1 : 1;
  const of = ({ metrics }: ModelReport) => sign * (metrics[metric]?.value ?? Number.NEGATIVE_INFINITY);
  const [best] = models.filter(isWanted).sort((a, b) => of(b) - of(a));
  return best?.name;
}

function sentence(
  figures: Figures,
  who: string,
  { about, metric, difference }: Pick<Finding, 'about' | 'metric' | 'difference'>,
): string {
  const relation = { better: 'better than', equal: 'equal to', worse: 'worse than' }[resultOf(difference)];
  const isPart = figures.models.some(({ name, over }) => name === about && over);
  const where = isPart ? ', over the part of the test that it has not learned from' : '';
  return `${who} is ${relation} ${titleOf(figures, about)}: ${shownDifference(metric, difference)}${where}.`;
}

/** A difference in the metric itself: below 0 for an error that got better. */
function shownDifference(metric: string, { value, low, high }: Measured): string {
  const [mean, from, to] = isError(metric) ? [-value, -high, -low] : [value, low, high];
  const remark = isError(metric) ? ', where less is better' : '';
  return `${signed(mean)} ${metricTitle(metric)} (${signed(from)} to ${signed(to)})${remark}`;
}

function signed(x: number): string {
  return `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4)}`;
}
