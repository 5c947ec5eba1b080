import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { HistoryReport } from '../../../domain/reports/history-report.ts';
import { Card } from '../../parts/card.ts';
import { fixed, percent, whole } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Table } from '../../parts/table.ts';
import { historyTitle, metricLabel, type ReportTable } from '../versions/report-table.ts';

interface HistoriesProps {
  table: ReportTable;
  metric: string;
  task: string;
}

/** Teacher and student by what the student knows of the users. */
export function Histories({ table, metric, task }: HistoriesProps): VNode {
  const { histories } = table;
  const figures = histories.flatMap((one) =>
    ['teacher', 'student'].map((name) => measuredOf(one, name, metric)),
  );
  const axis = axisOf(figures.flatMap((one) => [one?.low, one?.high]));
  const kept = axisOf(
    histories.flatMap(({ retained }) => [retained[metric]?.low, retained[metric]?.high]),
    1,
  );
  const bar = (name: string) => (row: HistoryReport) => {
    const measured = measuredOf(row, name, metric);
    return (
      measured &&
      html`<span class="with-bar">
      <${IntervalBar} ...${measured} ...${axis} tone=${name === 'student' ? 'good' : 'plain'} /> ${fixed(measured.value)}
    </span>`
    );
  };
  return html`<${Card}
    title="Three kinds of history"
    isWide
    says=${`By ${metricLabel(metric)}. A student that keeps much of taught histories and little of the others remembers lists, and has not learned to make them.`}
  >
    ${
      histories.length === 0
        ? html`<p class="faint">${task === 'multi-label' ? 'Labels have no kinds of history.' : 'This report does not tell the kinds of histories apart, as reports of earlier releases and of some splits.'}</p>`
        : html`<${Table}
            label="Three kinds of history"
            rows=${histories}
            keyOf=${(row: HistoryReport) => row.history}
            columns=${[
              {
                title: 'History',
                kind: 'main',
                of: (row: HistoryReport) =>
                  html`<b>${row.history}</b> <span class="faint">${historyTitle(row.history)}</span>`,
              },
              { title: 'Users', kind: 'number', of: (row: HistoryReport) => whole(row.users) },
              { title: 'Teacher', of: bar('teacher') },
              { title: 'Student', of: bar('student') },
              {
                title: 'Kept',
                of: (row: HistoryReport) => html`<${Kept} row=${row} metric=${metric} ...${kept} />`,
              },
            ]}
          />`
    }
  <//>`;
}

const measuredOf = (row: HistoryReport, name: string, metric: string) =>
  row.models.find((model) => model.name === name)?.metrics[metric];

function Kept({
  row,
  metric,
  min,
  max,
}: {
  row: HistoryReport;
  metric: string;
  min: number;
  max: number;
}): VNode {
  const measured = row.retained[metric];
  if (!measured) return html`<span class="faint">${row.why ?? '–'}</span>`;
  return html`<span class="with-bar">
    <${IntervalBar} ...${measured} min=${min} max=${max} mark=${1} format=${percent} /> ${percent(measured.value)}
    <span class="faint">${percent(measured.low)} to ${percent(measured.high)}</span>
  </span>`;
}
