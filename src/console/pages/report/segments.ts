import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import { Card } from '../../parts/card.ts';
import { Choice } from '../../parts/field.ts';
import { fixed, whole } from '../../parts/format.ts';
import { axisOf } from '../../parts/interval-bar.ts';
import { Table } from '../../parts/table.ts';
import {
  metricLabel,
  modelTitle,
  type ReportTable,
  type SegmentRow,
  segmentMetrics,
  segmentRows,
} from '../versions/report-table.ts';

const SHOWN = ['teacher', 'student', 'best-alone', 'student-alone', 'popularity', 'means', 'frequency'];
const MOST = 4;

/** From popular to rare items and from short to long histories: teacher, student, a control and the baseline. */
export function Segments({ table, metric }: { table: ReportTable; metric: string | undefined }): VNode {
  const [asked, setAsked] = useState<string | null>(null);
  const metrics = segmentMetrics(table.models);
  const by = [asked, metric].find((one) => one != null && metrics.includes(one)) ?? metrics[0];
  const models = SHOWN.flatMap((name) => table.models.find((one) => one.name === name) ?? []).slice(0, MOST);
  const rows = by == null ? [] : segmentRows(models, by);
  if (by == null || rows.length === 0) {
    return html`<${Card} title="Segments"><p class="faint">This report has no segments.</p><//>`;
  }
  const axis = axisOf(rows.flatMap(({ values }) => values.map(({ value }) => value)));
  return html`<${Card}
    title="Segments"
    isWide
    says="Popular to rare items, short to long histories, old to new. Means without an interval: of a segment with few users they tell little."
    aside=${
      metrics.length > 1 &&
      html`<${Choice}
      label=${html`<span class="unseen">Metric of the segments</span>`}
      value=${by}
      options=${metrics.map((one) => [one, metricLabel(one)] as const)}
      onChange=${setAsked}
    />`
    }
  >
    <${Legend} models=${models} />
    <${Table}
      label="Segments"
      rows=${rows}
      keyOf=${(row: SegmentRow) => row.segment}
      columns=${[
        { title: 'Segment', kind: 'main', of: (row: SegmentRow) => row.title },
        { title: 'Count', kind: 'number', of: (row: SegmentRow) => whole(row.count) },
        { title: 'Side by side', of: (row: SegmentRow) => html`<${Dots} row=${row} ...${axis} />` },
        ...models.map((model) => ({
          title: modelTitle(model),
          kind: 'number',
          of: (row: SegmentRow) => fixed(row.values.find(({ name }) => name === model.name)?.value),
          isExtra: model.role !== 'student',
        })),
      ]}
    />
  <//>`;
}

function Legend({ models }: { models: readonly ModelReport[] }): VNode {
  return html`<p class="legend">
    ${models.map(
      (model, i) => html`<span key=${model.name}>
        <svg class="dots" viewBox="0 0 12 12" aria-hidden="true"><circle class=${`curve-${i + 1}`} cx="6" cy="6" r="4" /></svg>${modelTitle(model)}
      </span>`,
    )}
  </p>`;
}

const WIDTH = 160;

function Dots({ row, min, max }: { row: SegmentRow; min: number; max: number }): VNode {
  const at = (value: number) => 5 + ((value - min) / (max - min || 1)) * (WIDTH - 10);
  const text = row.values.map(({ name, value }) => `${modelTitle({ name })} ${fixed(value)}`).join(', ');
  // The student lies on top.
  const order = row.values
    .map((one, i) => ({ ...one, i }))
    .sort((a, b) => Number(a.name === 'student') - Number(b.name === 'student'));
  return html`<svg class="dots" viewBox=${`0 0 ${WIDTH} 16`} role="img" aria-label=${text}>
    <title>${text}</title>
    <line class="axis" x1="5" x2=${WIDTH - 5} y1="8" y2="8" />
    ${order.map(({ value, i }) => value !== null && html`<circle key=${i} class=${`curve-${i + 1}`} cx=${at(value)} cy="8" r="4" />`)}
  </svg>`;
}
