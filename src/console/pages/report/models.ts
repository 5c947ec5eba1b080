import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { isError } from '../../../domain/reports/metric-names.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import { Card } from '../../parts/card.ts';
import { bytes, counted, fixed, percent, whole } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Table } from '../../parts/table.ts';
import { metricLabel, modelTitle, type ReportTable, rowOf } from '../versions/report-table.ts';

/** Every model on the same test users, by one metric, with what it costs. */
export function Models({ table, metric }: { table: ReportTable; metric: string }): VNode {
  const { models } = table;
  const hasTimes = models.some(({ p50Microseconds }) => p50Microseconds !== null);
  const others = models.filter(({ over }) => over !== undefined);
  return html`<${Card} title="The models on the same test users" isWide says=${`By ${metricLabel(metric)}, with 95 % intervals over test users. The controls show what the teacher was worth, the baseline what needs no training.`}>
    <${Table}
      label="The models on the same test users"
      rows=${models}
      keyOf=${(row: ModelReport) => row.name}
      isChosen=${(row: ModelReport) => row.name === 'student'}
      columns=${columnsOf(table, metric, hasTimes)}
    />
    ${!hasTimes && html`<p class="faint">The time of one answer is not measured for this task.</p>`}
    ${others.map(
      (row) => html`<p class="faint" key=${row.name}>
        ${modelTitle(row)} is over another part of the test: ${counted(row.over!.users, 'user')} with ${counted(row.over!.pairs, 'pair')} that
        it has not learned from. Over the same the student has ${fixed(row.over!.student[metric]?.value)}.
      </p>`,
    )}
  <//>`;
}

function columnsOf(table: ReportTable, metric: string, hasTimes: boolean) {
  const { models } = table;
  const measured = models.flatMap(({ metrics }) => metrics[metric] ?? []);
  const axis = axisOf(measured.flatMap(({ low, high }) => [low, high]));
  const teacher = rowOf(table, 'teacher')?.metrics[metric]?.value;
  const overlap = Object.keys(rowOf(table, 'student')?.fidelity ?? {}).find((name) =>
    /^(overlap@|agreement|distance)/.test(name),
  );
  return [
    {
      title: 'Model',
      kind: 'main',
      of: (row: ModelReport) => html`<span title=${row.description}>${modelTitle(row)}</span>`,
    },
    {
      title: 'Interval',
      of: (row: ModelReport) => html`<${Bar} row=${row} metric=${metric} ...${axis} />`,
    },
    {
      title: metricLabel(metric),
      kind: 'number',
      of: (row: ModelReport) => fixed(row.metrics[metric]?.value),
    },
    {
      title: '95 % interval',
      kind: 'number',
      of: (row: ModelReport) => interval(row, metric),
      isExtra: true,
    },
    {
      title: "Of the teacher's",
      kind: 'number',
      of: (row: ModelReport) => percent(shareOf(row, metric, teacher)),
    },
    ...(overlap === undefined
      ? []
      : [
          {
            title: overlap,
            kind: 'number',
            of: (row: ModelReport) => fixed(row.fidelity?.[overlap]?.value, 3),
            isExtra: true,
          },
        ]),
    { title: 'Bytes', kind: 'number', of: (row: ModelReport) => bytes(row.bytes) },
    {
      title: 'Parameters',
      kind: 'number',
      of: (row: ModelReport) => whole(row.parameters),
      isExtra: true,
    },
    ...(hasTimes
      ? [
          { title: 'p50', kind: 'number', of: (row: ModelReport) => micros(row.p50Microseconds) },
          {
            title: 'p99',
            kind: 'number',
            of: (row: ModelReport) => micros(row.p99Microseconds),
            isExtra: true,
          },
        ]
      : []),
  ];
}

interface BarProps {
  row: ModelReport;
  metric: string;
  min: number;
  max: number;
}

function Bar({ row, metric, min, max }: BarProps): VNode | null {
  const measured = row.metrics[metric];
  if (!measured) return null;
  const tone = row.role === 'student' ? 'good' : 'plain';
  return html`<${IntervalBar} ...${measured} min=${min} max=${max} tone=${tone} />`;
}

function interval({ metrics }: ModelReport, metric: string): string {
  const measured = metrics[metric];
  return measured ? `${fixed(measured.low)} – ${fixed(measured.high)}` : '–';
}

/** Share of the teacher's figure, of errors the other way round; null for models over another part of the test. */
function shareOf({ over, metrics }: ModelReport, metric: string, teacher: number | undefined): number | null {
  const value = metrics[metric]?.value;
  if (over || !value || !teacher) return null;
  return isError(metric) ? teacher / value : value / teacher;
}

const micros = (value: number | null): string => (value === null ? '–' : `${whole(value)} µs`);
