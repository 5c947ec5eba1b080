import type { CurveReport } from '../../../domain/reports/curve-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import type { Sized } from '../versions/points.ts';
import { metricsOf, rowOf } from '../versions/report-table.ts';

export interface VersionReport {
  version: number;
  report: Report;
}

/** Metrics that all the reports have of their students, in the order of the first. */
export function sharedMetrics(reports: readonly VersionReport[]): string[] {
  const [first = [], ...others] = reports.map(({ report }) => metricsOf(report));
  return first.filter((metric) => others.every((names) => names.includes(metric)));
}

/** Versions by bytes, time and one metric, as their reports say it, with its interval. */
export function sizesOf(reports: readonly VersionReport[], metric: string): Sized[] {
  return reports.flatMap(({ version, report }) => {
    const student = rowOf(report, 'student');
    const measured = student?.metrics[metric];
    if (!student || !measured) return [];
    return [{ version, bytes: student.bytes, ...measured, microseconds: student.p50Microseconds }];
  });
}

/** Sentences on why the figures of reports cannot be set beside each other; empty where they can. */
export function whyApart(reports: readonly VersionReport[]): string[] {
  const differ = (of: (report: Report) => unknown) =>
    new Set(reports.map(({ report }) => JSON.stringify(of(report)))).size > 1;
  return [
    ...(differ(({ task }) => task) ? ['They are of different tasks.'] : []),
    ...(differ(({ data }) => data.hash) ? ['They were trained and tested on different data.'] : []),
    ...(differ(({ data }) => data.split) ? ['Their data was split in different ways.'] : []),
    ...(differ(({ protocol }) => protocol) ? ['They were measured by different protocols.'] : []),
  ];
}

export interface StageCurves {
  /** Stage and model of a training loop, such as `distillation`. */
  name: string;
  /** Epochs from 1 to the last of the longest. */
  epochs: number[];
  /** The metric that is drawn, or `loss` where they were not measured by one and the same. */
  what: string;
  curves: { version: number; values: (number | null)[] }[];
}

/** Training loops of the same name, laid over each other; loops that only one version has are left out. */
export function curvesOver(reports: readonly VersionReport[]): StageCurves[] {
  const names = [...new Set(reports.flatMap(({ report }) => report.curves.map(nameOf)))];
  return names.flatMap((name) => {
    const found = reports.flatMap(({ version, report }) => {
      const curve = report.curves.find((one) => nameOf(one) === name && one.points.length > 1);
      return curve ? [{ version, curve }] : [];
    });
    return found.length < 2 ? [] : [laidOver(name, found)];
  });
}

const nameOf = ({ stage, model }: CurveReport): string =>
  model === undefined ? stage : `${stage}, ${model}`;

function laidOver(name: string, found: readonly { version: number; curve: CurveReport }[]): StageCurves {
  const metric = found[0]!.curve.metric;
  const isMeasured = ({ curve }: (typeof found)[number]) =>
    curve.metric === metric && curve.points.some((point) => point.metric !== undefined);
  const what = metric !== undefined && found.every(isMeasured) ? metric : 'loss';
  const last = Math.max(...found.map(({ curve }) => curve.points.at(-1)!.epoch));
  const epochs = Array.from({ length: last }, (_, i) => i + 1);
  const curves = found.map(({ version, curve }) => ({
    version,
    values: epochs.map((epoch) => {
      const point = curve.points.find((one) => one.epoch === epoch);
      return (what === 'loss' ? point?.losses.total : point?.metric) ?? null;
    }),
  }));
  return { name, epochs, what, curves };
}

/** A value of a setting in one line. */
export const settingText = (value: unknown): string =>
  value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
