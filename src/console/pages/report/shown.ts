import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import { Card } from '../../parts/card.ts';
import { fixed, percent, whole } from '../../parts/format.ts';
import { Table } from '../../parts/table.ts';
import { modelTitle, type ReportTable } from '../versions/report-table.ts';

const NAMES: readonly (readonly [string, string, (value: number | undefined) => string])[] = [
  ['averagePopularity', 'Mean weight of what is shown', (value) => whole(value)],
  ['headShare', 'Places of popular items', (value) => percent(value)],
  ['gini', 'Gini of how often items are shown', (value) => fixed(value, 3)],
];

/** How much of the catalogue is shown to anybody, and how far lists go by popularity. */
export function Shown({ table, task }: { table: ReportTable; task: string }): VNode {
  const rows = table.models.filter(({ coverage }) => coverage !== null);
  const k = Object.keys(rows[0]?.coverage ?? {})[0]?.split('@')[1];
  if (rows.length === 0 || k === undefined) {
    return html`<${Card} title="Coverage and popularity bias">
      <p class="faint">${task === 'rating' || task === 'multi-label' ? 'No items are ranked for this task, so that nothing is covered.' : 'This report has no coverage: it is of an earlier release.'}</p>
    <//>`;
  }
  return html`<${Card}
    title="Coverage and popularity bias"
    isWide
    says=${`Over the first ${k} places. A student with the same quality and half the coverage shows the same few items to everybody.`}
  >
    <${Table}
      label="Coverage and popularity bias"
      rows=${rows}
      keyOf=${(row: ModelReport) => row.name}
      isChosen=${(row: ModelReport) => row.name === 'student'}
      columns=${[
        { title: 'Model', kind: 'main', of: modelTitle },
        {
          title: 'Catalogue shown',
          of: (row: ModelReport) => html`<${Share} value=${row.coverage?.[`coverage@${k}`]} />`,
        },
        ...NAMES.map(([name, title, format]) => ({
          title,
          kind: 'number',
          of: (row: ModelReport) => format(row.popularityBias?.[`${name}@${k}`]),
          isExtra: name === 'averagePopularity',
        })),
      ]}
    />
  <//>`;
}

function Share({ value }: { value: number | undefined }): VNode {
  return html`<span class="with-bar">
    <meter class="share" min="0" max="1" value=${value ?? 0} aria-label=${percent(value)}></meter> ${percent(value)}
  </span>`;
}
