import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { settingDifferences } from '../../../domain/releases/setting-differences.ts';
import { metricTitle } from '../../../domain/reports/metric-names.ts';
import { Card } from '../../parts/card.ts';
import { Chart } from '../../parts/chart.ts';
import { Loading } from '../../parts/empty.ts';
import { fixed } from '../../parts/format.ts';
import { Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { curvesOver, type StageCurves, settingText, type VersionReport } from './compared.ts';
import { Differences } from './differences.ts';
import { Front } from './front.ts';
import { useReports } from './reports.ts';

interface ComparisonProps {
  model: string;
  chosen: readonly number[];
  query: URLSearchParams;
}

/** All that is said of the chosen versions. */
export function Comparison({ model, chosen, query }: ComparisonProps): VNode {
  const { reports, error } = useReports(model, chosen);
  const [measure = 0, ...others] = chosen;
  return html`
    ${others.map((other) => html`<${Differences} key=${other} model=${model} measure=${measure} other=${other} />`)}
    <${Problem} error=${error} />
    ${!reports && !error && html`<${Loading} />`}
    ${
      reports &&
      html`<${Front} model=${model} reports=${reports} metric=${query.get('metric')} />
        <${SettingsCard} reports=${reports} />
        <${Curves} reports=${reports} />`
    }
  `;
}

function SettingsCard({ reports }: { reports: readonly VersionReport[] }): VNode {
  const rows = settingDifferences(reports.map(({ report }) => report.settings));
  type Row = (typeof rows)[number];
  return html`<${Card} title="What differs in their settings" isWide says="What the jobs said, and what training chose and noted by itself.">
    ${
      rows.length === 0
        ? html`<p class="faint">Nothing: their settings are the same.</p>`
        : html`<${Table}
            label="Settings that differ"
            rows=${rows}
            keyOf=${(row: Row) => row.setting}
            columns=${[
              { title: 'Setting', kind: 'main', of: (row: Row) => html`<code>${row.setting}</code>` },
              ...reports.map(({ version }, i) => ({
                title: `Version ${version}`,
                of: (row: Row) => html`<${Value} text=${settingText(row.values[i])} />`,
              })),
            ]}
          />`
    }
  <//>`;
}

const LONG = 90;

function Value({ text }: { text: string }): VNode {
  if (text.length <= LONG) return html`<code>${text}</code>`;
  return html`<details><summary><code>${text.slice(0, LONG)}…</code></summary><code class="whole">${text}</code></details>`;
}

function Curves({ reports }: { reports: readonly VersionReport[] }): VNode {
  const stages = curvesOver(reports);
  if (stages.length === 0) {
    return html`<${Card} title="Training"><p class="faint">No training loop is in two of their reports.</p><//>`;
  }
  return html`${stages.map((stage) => html`<${StageCard} key=${stage.name} stage=${stage} />`)}`;
}

function StageCard({ stage }: { stage: StageCurves }): VNode {
  const what = stage.what === 'loss' ? 'Loss' : `${metricTitle(stage.what)} on validation`;
  return html`<${Card} title=${`Training: ${stage.name}`} says=${`${what}, by epoch`}>
    <${Chart}
      label=${`${what} by epoch of ${stage.name}`}
      x=${stage.epochs}
      height=${180}
      formatY=${(value: number) => fixed(value, 3)}
      curves=${stage.curves.map(({ version, values }) => ({ label: `Version ${version}`, values }))}
    />
  <//>`;
}
