import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { CurveReport } from '../../../domain/reports/curve-report.ts';
import { metricTitle } from '../../../domain/reports/metric-names.ts';
import { Card } from '../../parts/card.ts';
import { Chart } from '../../parts/chart.ts';
import { fixed } from '../../parts/format.ts';

/** Losses and validation of each training loop, by epoch. */
export function CurveCards({ curves }: { curves: readonly CurveReport[] }): VNode {
  const drawn = curves.filter(({ points }) => points.length > 1);
  if (drawn.length === 0) {
    return html`<${Card} title="Training"><p class="faint">No training loop of this version has more than one epoch to draw.</p><//>`;
  }
  return html`${drawn.map((curve, i) => html`<${CurveCard} key=${i} curve=${curve} />`)}`;
}

function CurveCard({ curve }: { curve: CurveReport }): VNode {
  const { stage, model, metric, points } = curve;
  const title = `Training: ${stage}${model ? `, ${model}` : ''}`;
  const x = points.map(({ epoch }) => epoch);
  const losses = [...new Set(points.flatMap((point) => Object.keys(point.losses)))];
  return html`<${Card} title=${title}>
    ${
      metric !== undefined &&
      points.some((point) => point.metric !== undefined) &&
      html`<${Chart}
        label=${`${metricTitle(metric)} on validation by epoch`}
        x=${x}
        height=${150}
        formatY=${(value: number) => fixed(value, 3)}
        curves=${[{ label: metricTitle(metric), values: points.map((point) => point.metric ?? null) }]}
      />`
    }
    ${
      losses.length > 0 &&
      html`<${Chart}
        label="Losses by epoch"
        x=${x}
        height=${150}
        formatY=${(value: number) => String(Number(value.toPrecision(3)))}
        curves=${losses.map((label) => ({ label, values: points.map((point) => point.losses[label] ?? null) }))}
      />`
    }
  <//>`;
}
