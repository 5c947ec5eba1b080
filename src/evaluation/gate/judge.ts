import type { GateRule } from '../../domain/releases/gate-rule.ts';
import { DEFAULT_MARGIN } from '../../domain/releases/gate-spec.ts';
import type { GateVerdict, RuleOutcome } from '../../domain/releases/promotion.ts';
import type { LiveReport } from '../../domain/reports/live-report.ts';
import type { Measured } from '../../domain/reports/measured.ts';
import { isError, metricTitle } from '../../domain/reports/metric-names.ts';
import { isWithoutTeacher, type ModelReport } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import { above, type Judged, notWorse } from './against.ts';
import { judgeRule } from './named-rule.ts';
import { studentOf, type Table } from './table.ts';

/** The parts of a report that a gate reads. */
export type JudgedReport = Pick<Report, 'models' | 'comparison' | 'histories' | 'headline'> &
  Partial<Pick<Report, 'tasks' | 'live'>>;

export interface GateSettings {
  rules: readonly GateRule[];
  /** Share of the other's figure; 0.02 by default. */
  margin?: number;
  undecided?: 'estimate' | 'refuse';
}

/** Judges the student of a report, of each task where there are several. */
export function judgeRelease(report: JudgedReport, settings: GateSettings): GateVerdict {
  const { tasks, live, headline, models, comparison, histories } = report;
  // Not the report itself, whose `task` is the kind of the job and names no table.
  const tables: Table[] = tasks ?? [{ models, comparison, histories, ...(headline && { headline }) }];
  const rules = tables.flatMap((table) => {
    const outcomes = [
      ...(live ? [againstLive(table, live, settings)] : []),
      ...againstBaseline(table, live === undefined, settings),
      ...againstControl(table, live === undefined, settings),
      ...settings.rules.map((rule) => judgeRule(table, rule)),
    ];
    const { task } = table;
    return task === undefined ? outcomes : outcomes.map((one) => ({ ...one, task }));
  });
  const first = headline ?? tables[0]?.headline;
  const figure = first && studentOf(tables[0]!).metrics[first.metric]?.value;
  const merit = figure === undefined ? null : isError(first!.metric) ? -figure : figure;
  return { comparedWith: live?.version ?? null, foundUnder: live?.alias ?? null, rules, merit };
}

function metricOf({ headline }: Table): string | undefined {
  return headline?.metric;
}

function againstLive(table: Table, live: LiveReport, { margin, undecided }: GateSettings): RuleOutcome {
  const { comparison, models, task } = table;
  const metric = metricOf(table);
  const other = models.find((one) => one.role === 'live' || (one.role === 'previous' && one.isLive));
  const gains = other?.role === 'live' ? comparison.gainOverLive : comparison.gainOverPrevious;
  const difference = metric === undefined ? undefined : gains?.[metric];
  if (other && difference) {
    const limit = -marginOf(other, metric!, margin);
    const who = `version ${live.version}, which is live`;
    return outcome('live', difference, limit, notWorse(difference, -limit, undecided), metric!, who);
  }
  const missing = live.notCompared.find((one) => one.task === task) ?? live.notCompared[0];
  const kind = missing?.kind ?? 'too-little-data';
  // A damaged version is no loss, and too little that is new says nothing against anybody: the other rules decide. Another kind of
  // model in the place of this one is for a person to decide.
  const passed = kind !== 'of-another-kind' && !(kind === 'too-little-data' && undecided === 'refuse');
  return {
    rule: 'live',
    value: null,
    limit: null,
    passed,
    decided: 'nothing',
    text: `It was not compared with version ${live.version}, which is live: ${missing?.why ?? 'the report does not say why'}. ${passed ? 'The other rules decide.' : 'Put it under the alias by hand, with a reason, if that is meant.'}`,
  };
}

function againstBaseline(table: Table, isFirst: boolean, { undecided }: GateSettings): RuleOutcome[] {
  const metric = metricOf(table);
  const difference = metric === undefined ? undefined : table.comparison.gainOverBaseline[metric];
  const name = table.models.find(({ role }) => role === 'baseline')?.name;
  if (!difference || !name) return [unmeasured('baseline', 'the baseline')];
  return [outcome('baseline', difference, 0, above(difference, isFirst, undecided), metric!, name)];
}

function againstControl(table: Table, isFirst: boolean, { margin, undecided }: GateSettings): RuleOutcome[] {
  const { comparison, models } = table;
  const metric = metricOf(table);
  const difference = metric === undefined ? undefined : comparison.gainOverAlone[metric];
  if (!difference) return models.some(isWithoutTeacher) ? [unmeasured('control', 'the controls')] : [];
  const name = comparison.bestControl?.[metric!];
  const control = models.find((one) => one.name === name) ?? models.find(isWithoutTeacher);
  const limit = control ? -marginOf(control, metric!, margin) : 0;
  const judged = notWorse(difference, -limit, undecided);
  // Popularity would answer in the place of a first version, and that is what the rule of the baseline is about.
  const lenient: Judged =
    isFirst && !judged.passed && undecided !== 'refuse'
      ? {
          passed: true,
          decided: judged.decided,
          because: `${judged.because}, but nothing else is there to answer than popularity`,
        }
      : judged;
  return [
    outcome(
      'control',
      difference,
      limit,
      lenient,
      metric!,
      `the control ${control?.name ?? 'without a teacher'}`,
    ),
  ];
}

function marginOf({ metrics }: Pick<ModelReport, 'metrics'>, metric: string, share = DEFAULT_MARGIN): number {
  return share * Math.abs(metrics[metric]?.value ?? 0);
}

function outcome(
  rule: string,
  { value, low, high }: Measured,
  limit: number,
  { passed, decided, because }: Judged,
  metric: string,
  who: string,
): RuleOutcome {
  const shown = (x: number) => `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4)}`;
  const remark = isError(metric) ? ' (above 0 is the smaller error)' : '';
  const text = `Against ${who}: ${shown(value)} ${metricTitle(metric)} (${shown(low)} to ${shown(high)})${remark}, to be above ${shown(limit)}; ${passed ? 'passed' : 'not passed'}: ${because}.`;
  return { rule, value, low, high, limit, passed, decided, text };
}

function unmeasured(rule: string, what: string): RuleOutcome {
  return {
    rule,
    value: null,
    limit: null,
    passed: false,
    decided: 'nothing',
    text: `The report has no comparison with ${what}, so nothing shows that the student is worth serving.`,
  };
}
