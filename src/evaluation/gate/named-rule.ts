import { MEASURES_OF_TIME } from '../../domain/releases/gate-metrics.ts';
import type { GateRule } from '../../domain/releases/gate-rule.ts';
import type { RuleOutcome } from '../../domain/releases/promotion.ts';
import type { Measured } from '../../domain/reports/measured.ts';
import { isError } from '../../domain/reports/metric-names.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import { studentOf, type Table } from './table.ts';

type Figure = Pick<Measured, 'value'> & Partial<Measured>;

/** Judges a rule that a job names; one whose figure is not there is not passed. */
export function judgeRule(table: Table, rule: GateRule): RuleOutcome {
  const { text: name, limit, op } = rule;
  const found = figureOf(table, rule);
  if (typeof found === 'string') {
    const text = `${name} cannot be told: ${found}.`;
    return { rule: name, value: null, limit, passed: false, decided: 'nothing', text };
  }
  const passed = op === '>=' ? found.value >= limit : found.value <= limit;
  const unit = MEASURES_OF_TIME.includes(rule.metric) ? ' microseconds' : '';
  const shown = (x: number) => `${Number(x.toPrecision(4))}${unit}`;
  const text = `${name}: it is ${shown(found.value)}, to be ${op} ${shown(limit)}; ${passed ? 'passed' : 'not passed'}.`;
  return { rule: name, ...found, limit, passed, decided: 'figure', text };
}

/** @returns the reason where there is no such figure */
function figureOf(table: Table, rule: GateRule): Figure | string {
  const { among, measure, metric } = rule;
  if (among === undefined) {
    if (measure === 'retained')
      return table.comparison.retained[metric] ?? `the report keeps no share of ${metric}`;
    return (
      figureByName(studentOf(table), metric, table.comparison.compressionRatio) ??
      `the report has no ${metric}`
    );
  }
  return among.includes(':') ? ofSegment(table, rule, among) : ofHistory(table, rule, among);
}

function figureByName(student: ModelReport, metric: string, ratio: number): Figure | undefined {
  const { metrics, figures, fidelity, coverage, popularityBias } = student;
  const whole: Record<string, number | null | undefined> = {
    bytes: student.bytes,
    parameters: student.parameters,
    compressionRatio: ratio,
    p50: student.p50Microseconds,
    p99: student.p99Microseconds,
    loss: student.loss,
    calibratedLoss: student.calibratedLoss,
    coverage: coverage && nearestTen(coverage),
  };
  const measured = metrics[metric] ?? fidelity?.[metric];
  if (measured) return measured;
  const value = whole[metric] ?? figures?.[metric] ?? coverage?.[metric] ?? popularityBias?.[metric];
  return value === null || value === undefined ? undefined : { value };
}

/** Coverage at ten places, or at the number nearest to it that was measured. */
function nearestTen(coverage: Record<string, number>): number | undefined {
  const [nearest] = Object.entries(coverage).sort(([a], [b]) => distance(a) - distance(b));
  return nearest?.[1];
}

const distance = (name: string) => Math.abs(Number(name.split('@')[1]) - 10);

function ofHistory({ histories }: Table, { metric, measure }: GateRule, among: string): Figure | string {
  const table = histories.find(({ history }) => history === among);
  if (!table || table.users === 0) {
    const why = table?.why ? ` (${table.why})` : '';
    return `the report tells of no users that are ${among}${why}`;
  }
  if (measure === 'retained')
    return table.retained[metric] ?? `no share of ${metric} is kept of users that are ${among}`;
  const student = table.models.find(({ name }) => name === 'student');
  return (
    student?.metrics[metric] ??
    student?.fidelity?.[metric] ??
    `${metric} is not measured for users that are ${among}`
  );
}

function ofSegment({ models }: Table, { metric, measure }: GateRule, among: string): Figure | string {
  const of = (name: string) =>
    models.find((one) => one.name === name)?.segments.find(({ segment }) => segment === among);
  const own = of('student');
  if (!own) {
    const known = models.find(({ name }) => name === 'student')?.segments.map(({ segment }) => segment) ?? [];
    return `the report has no segment ${among}; it has ${known.join(', ') || 'none'}`;
  }
  const value = own.metrics[metric];
  if (value === undefined) return `segments have ${Object.keys(own.metrics).join(', ')}`;
  if (measure === 'value') return { value };
  const teacher = of('teacher')?.metrics[metric];
  if (!teacher) return `the teacher's ${metric} is 0 there, and nothing is a share of it`;
  return { value: isError(metric) ? teacher / value : value / teacher };
}
