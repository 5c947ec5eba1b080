import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { Card } from '../../parts/card.ts';
import { Chart } from '../../parts/chart.ts';
import { counted, fixed } from '../../parts/format.ts';
import { bestOf, drawable, type Lines, lossLines, metricLines } from './curve-charts.ts';
import { stageTitle } from './stages.ts';
import type { Curve, Story } from './story.ts';

const HEIGHT = 150;

/** Losses and validation by epoch of every training loop, the newest first. */
export function Curves({ story }: { story: Story }): VNode | null {
  const curves = drawable(story.curves.values()).reverse();
  if (curves.length === 0) return null;
  return html`<${Card} title="Losses and validation by epoch" isWide=${true}>
    <div class="loops">${curves.map((curve) => html`<${Loop} key=${nameOf(curve)} curve=${curve} />`)}</div>
  <//>`;
}

function Loop({ curve }: { curve: Curve }): VNode {
  const best = bestOf(curve);
  return html`<section class="loop" aria-label=${nameOf(curve)}>
    <h3>${nameOf(curve)}</h3>
    <p class="faint">
      ${curve.epochs === null ? '' : `${curve.points.size} of `}${counted(curve.epochs ?? curve.points.size, 'epoch')}
      ${best && html`; best ${best.name} ${fixed(best.value)} in epoch ${best.epoch}`}
    </p>
    <${LineChart} label=${`Losses of ${nameOf(curve)}`} of=${lossLines(curve)} />
    <${LineChart} label=${`Validation of ${nameOf(curve)}`} of=${metricLines(curve)} />
  </section>`;
}

function LineChart({ label, of: { epochs, lines } }: { label: string; of: Lines }): VNode | null {
  if (lines.length === 0) return null;
  return html`<${Chart}
    label=${label}
    x=${epochs}
    curves=${lines.map(({ name, values }) => ({ label: name, values }))}
    height=${HEIGHT}
    formatY=${short}
  />`;
}

const short = (value: number) => String(Number(value.toPrecision(4)));

const nameOf = ({ stage, model }: Curve) =>
  model === null
    ? stageTitle(stage)
    : `${stageTitle(stage)}: ${/^\d/.test(model) ? `model ${model}` : model}`;
