import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { axisOf } from '../../parts/interval-bar.ts';
import { linearTicks } from '../versions/ticks.ts';
import { useWidth } from '../versions/use-width.ts';
import type { Line } from './days.ts';

interface DayChartProps {
  label: string;
  days: readonly string[];
  lines: readonly Line[];
  format: (value: number | null) => string;
}

const HEIGHT = 200;
const PLOT = { left: 56, right: 14, top: 10, bottom: HEIGHT - 24 };

/** Lines over days, each point with its interval as a whisker. */
export function DayChart({ label, days, lines, format }: DayChartProps): VNode {
  const [host, width] = useWidth<SVGSVGElement>(640);
  const values = lines.flatMap(({ points }) =>
    points.flatMap((point) => [point?.low, point?.high, point?.value].filter((one) => one != null)),
  );
  const { min: low, max } = axisOf(values);
  // No axis of shares goes below nothing.
  const min = values.every((one) => one >= 0) ? Math.max(0, low) : low;
  const step = (width - PLOT.left - PLOT.right) / Math.max(1, days.length);
  // Lines of one day stand beside each other, so that their whiskers can be told apart.
  const x = (day: number, line: number) =>
    PLOT.left + (day + 0.5) * step + (line - (lines.length - 1) / 2) * Math.min(7, step / (lines.length + 1));
  const y = (value: number) => PLOT.bottom - ((value - min) / (max - min || 1)) * (PLOT.bottom - PLOT.top);
  const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(width / 90))));
  const last = lines.map(
    ({ name, points }) => `${name} ${format(points.findLast((point) => point !== null)?.value ?? null)}`,
  );
  return html`
    <p class="legend">
      ${lines.map(({ name }, i) => html`<span key=${name}><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class=${colour(i)} width="10" height="10" /></svg>${name}</span>`)}
    </p>
    <svg ref=${host} class="days" height=${HEIGHT} role="img" aria-label=${`${label}; on the last day: ${last.join(', ')}`}>
      ${linearTicks(min, max).map(
        (tick) => html`<g key=${tick} class="axes">
          <line x1=${PLOT.left} x2=${width - PLOT.right} y1=${y(tick)} y2=${y(tick)} />
          <text class="y" x=${PLOT.left - 6} y=${y(tick) + 3.5}>${format(tick)}</text>
        </g>`,
      )}
      ${days.map((day, i) => i % every === 0 && html`<text key=${day} class="x" x=${PLOT.left + (i + 0.5) * step} y=${HEIGHT - 6}>${day.slice(5)}</text>`)}
      ${lines.map(
        ({ name, points }, line) => html`<g key=${name} class=${colour(line)}>
          ${segmentsOf(points).map((run) => html`<polyline points=${run.map((day) => `${x(day, line)},${y(points[day]!.value!)}`).join(' ')} />`)}
          ${points.map(
            (point, day) =>
              point?.value != null &&
              html`<g key=${day}>
                <title>${name}, ${days[day]}: ${format(point.value)}${point.low === null ? '' : `, ${format(point.low)} to ${format(point.high)}`}</title>
                ${point.low !== null && point.high !== null && html`<line x1=${x(day, line)} x2=${x(day, line)} y1=${y(point.low)} y2=${y(point.high)} />`}
                <circle cx=${x(day, line)} cy=${y(point.value)} r="3" />
              </g>`,
          )}
        </g>`,
      )}
    </svg>
  `;
}

const colour = (line: number): string => `share-${(line % 6) + 1}`;

/** Runs of days without a gap, by their numbers. */
function segmentsOf(points: Line['points']): number[][] {
  const runs: number[][] = [[]];
  for (const [day, point] of points.entries()) {
    if (point?.value == null) runs.push([]);
    else runs.at(-1)!.push(day);
  }
  return runs.filter((run) => run.length > 1);
}
