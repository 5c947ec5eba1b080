import type { HistoryKind } from '../../domain/reports/history-report.ts';
import type { MeasuredByName } from '../../domain/reports/measured.ts';
import { isError } from '../../domain/reports/metric-names.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import type { Headline } from '../../domain/reports/verdict-report.ts';

/** One table of models over the same users. */
interface Table {
  history: HistoryKind;
  models: readonly Pick<ModelReport, 'name' | 'metrics' | 'fidelity'>[];
  retained: MeasuredByName;
}

/** Kinds of history in the order in which a headline is taken from them. */
const PREFERRED: readonly HistoryKind[] = ['newer', 'unseen', 'taught'];

/**
 * Returns the figure to quote, from the histories that tell most of users to come; undefined where the student or its teacher
 * was not measured.
 */
export function headlineOf(
  { models, comparison, histories }: Pick<Report, 'models' | 'comparison' | 'histories'>,
  metric: string,
): Headline | undefined {
  const tables: Table[] = [
    ...PREFERRED.flatMap((kind) => histories.filter(({ history, users }) => history === kind && users > 0)),
    { history: 'known', models, retained: comparison.retained },
  ];
  for (const { history, models: measured, retained } of tables) {
    const of = (name: ModelReport['name']) => measured.find((one) => one.name === name);
    const [student, teacher] = [of('student'), of('teacher')];
    const [own, taught] = [student?.metrics[metric], teacher?.metrics[metric]];
    if (!own || !taught) continue;
    const overlap = student!.fidelity && overlapOf(student!.fidelity);
    const kept = retained[metric];
    return {
      metric,
      better: isError(metric) ? 'lower' : 'higher',
      history,
      student: own,
      teacher: taught,
      ...(kept && { retained: kept }),
      ...(overlap && { overlap }),
    };
  }
  return undefined;
}

/** The overlap of the first ten, or of what is nearest to it. */
function overlapOf(fidelity: NonNullable<ModelReport['fidelity']>) {
  const ks = Object.keys(fidelity).flatMap((name) =>
    name.startsWith('overlap@') ? [Number(name.slice('overlap@'.length))] : [],
  );
  return fidelity[atTen('overlap', ks)];
}

/** Returns a metric at ten places, or at the number nearest to it that was measured. */
export function atTen(metric: string, ks: readonly number[]): string {
  const [nearest = 10] = [...ks].sort((a, b) => Math.abs(a - 10) - Math.abs(b - 10));
  return `${metric}@${nearest}`;
}
