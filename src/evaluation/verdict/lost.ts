import { isError, metricTitle } from '../../domain/reports/metric-names.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import type { LossFinding } from '../../domain/reports/verdict-report.ts';
import type { Figures } from './findings.ts';

/** A figure that falls by more than this share is told as a loss. */
const NOTABLE = 0.1;
/** Rounding is to cost nothing that anybody sees. */
const NOTABLE_ROUNDING = 0.01;
/** Fewer users or ratings than this tell nothing of a segment, which has no interval. */
const LEAST = 30;

type Lost = Omit<LossFinding, 'task'>;

/** Lists the losses of the student on its way from the teacher, as far as they are worth telling. */
export function lostOf({ models, comparison, histories }: Figures, metric: string): Lost[] {
  const named = (name: ModelReport['name']) => models.find((one) => one.name === name);
  const [student, teacher] = [named('student'), named('teacher')];
  if (!student || !teacher) return [];
  const kept = comparison.keptByRounding[metric];
  return [
    ...tail(student, teacher),
    ...coverage(student, teacher),
    ...unseen(comparison.retained, histories, metric),
    ...(kept && kept.value < 1 - NOTABLE_ROUNDING && kept.high < 1
      ? [
          {
            about: 'rounding' as const,
            metric,
            student: student.metrics[metric]!.value,
            before: named('student-float32')?.metrics[metric]?.value ?? Number.NaN,
            text: `Rounding the weights kept ${percent(kept.value)} of its ${metricTitle(metric)}.`,
          },
        ]
      : []),
  ];
}

/** Recall (of ratings the error) on the least popular items. */
function tail(student: ModelReport, teacher: ModelReport): Lost[] {
  const of = ({ segments }: ModelReport) =>
    segments.find(({ segment, count }) => segment === 'items:tail' && count >= LEAST)?.metrics;
  const [own, before] = [of(student), of(teacher)];
  const metric = Object.keys(own ?? {})[0];
  if (!own || !before || metric === undefined || before[metric] === undefined) return [];
  if (!fell(metric, own[metric]!, before[metric])) return [];
  const text = `On tail items its ${metricTitle(metric)} is ${own[metric]!.toFixed(4)}, the teacher's ${before[metric].toFixed(4)}.`;
  return [{ about: 'tail', metric, student: own[metric]!, before: before[metric], text }];
}

/** Items that are shown to anybody within the fewest places that hold ten. */
function coverage(student: ModelReport, teacher: ModelReport): Lost[] {
  const places = Object.keys(teacher.coverage ?? {}).map((name) => Number(name.split('@')[1]));
  if (places.length === 0) return [];
  const metric = `coverage@${places.sort((a, b) => Math.abs(a - 10) - Math.abs(b - 10))[0]}`;
  const [own = 0, before = 0] = [student.coverage?.[metric], teacher.coverage?.[metric]];
  if (!fell(metric, own, before)) return [];
  const text = `It shows ${percent(own)} of the catalogue within ${metric.split('@')[1]} places, the teacher ${percent(before)}.`;
  return [{ about: 'coverage', metric, student: own, before, text }];
}

/** The share that is retained for users of whom nothing was learned, beside that of known users; not where their intervals meet. */
function unseen(
  known: Figures['comparison']['retained'],
  histories: Figures['histories'],
  metric: string,
): Lost[] {
  const strangers = histories.find(({ history, users }) => history === 'unseen' && users > 0);
  const [share, shareOfKnown] = [strangers?.retained[metric], known[metric]];
  if (!share || !shareOfKnown || share.high >= shareOfKnown.low) return [];
  const [own, before] = [share.value, shareOfKnown.value];
  if (own >= before * (1 - NOTABLE)) return [];
  const text = `For users that it has never seen it keeps ${percent(own)} of the teacher's ${metricTitle(metric)}, for those that it knows ${percent(before)}.`;
  return [{ about: 'unseen', metric, student: own, before, text }];
}

function fell(metric: string, own: number, before: number): boolean {
  return isError(metric) ? own > before * (1 + NOTABLE) : own < before * (1 - NOTABLE);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
