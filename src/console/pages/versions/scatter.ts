import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { bytes, counted, fixed } from '../../parts/format.ts';
import { axisOf } from '../../parts/interval-bar.ts';
import type { VersionPoint } from './points.ts';
import { linearTicks, logTicks } from './ticks.ts';
import { useWidth } from './use-width.ts';

interface ScatterProps {
  points: readonly VersionPoint[];
  /** Title of the metric. */
  metric: string;
  chosen?: readonly number[];
  /** Version behind stable. */
  live?: number | null;
  hrefOf: (version: number) => string;
}

const HEIGHT = 250;
const PLOT = { left: 56, right: 16, top: 16, bottom: HEIGHT - 36 };

/** Versions by the bytes of their weights, on a log axis, against quality. The front is joined by a line. */
export function Scatter({ points, metric, chosen = [], live = null, hrefOf }: ScatterProps): VNode {
  const [host, width] = useWidth<SVGSVGElement>(640);
  const at = scalesOf(points, width - PLOT.right);
  const front = points.filter(({ isFront }) => isFront).toSorted((a, b) => a.bytes - b.bytes);
  return html`<svg
    ref=${host}
    class="scatter"
    height=${HEIGHT}
    role="group"
    aria-label=${`${metric} against bytes of ${counted(points.length, 'version')}; on the front: ${front.map(({ version }) => version).join(', ') || 'none'}`}
  >
    <${Axes} at=${at} width=${width} metric=${metric} />
    ${front.length > 1 && html`<polyline class="front" points=${front.map((one) => `${at.x(one.bytes)},${at.y(one.value)}`).join(' ')} />`}
    ${points.map((point) => {
      const isChosen = chosen.includes(point.version);
      const kind = [
        point.isFront && 'on-front',
        isChosen && 'is-chosen',
        point.version === live && 'is-live',
      ];
      const text = textOf(point, metric, live);
      return html`<a
        key=${point.version}
        href=${hrefOf(point.version)}
        class=${kind.filter(Boolean).join(' ')}
        tabindex=${point.isFront || isChosen || point.version === live ? 0 : -1}
        aria-label=${text}
      >
        <title>${text}</title>
        ${point.low !== null && point.high !== null && html`<line x1=${at.x(point.bytes)} x2=${at.x(point.bytes)} y1=${at.y(point.low)} y2=${at.y(point.high)} />`}
        <circle cx=${at.x(point.bytes)} cy=${at.y(point.value)} r=${isChosen ? 6 : 4} />
        ${(isChosen || (point.isFront && front.length < 12)) && html`<text class="point-name" aria-hidden="true" x=${at.x(point.bytes) + 8} y=${at.y(point.value) - 6}>${point.version}</text>`}
      </a>`;
    })}
  </svg>`;
}

interface Scales {
  x: (value: number) => number;
  y: (value: number) => number;
  xTicks: number[];
  yTicks: number[];
}

function scalesOf(points: readonly VersionPoint[], right: number): Scales {
  const sizes = points.map((point) => Math.max(1, point.bytes));
  const [least, most] = [Math.min(...sizes) / 1.3, Math.max(...sizes) * 1.3];
  const { min, max } = axisOf(points.flatMap(({ value, low, high }) => [value, low, high]));
  const share = (value: number) => Math.log(Math.max(1, value) / least) / Math.log(most / least);
  return {
    x: (value) => PLOT.left + share(value) * (right - PLOT.left),
    y: (value) => PLOT.bottom - ((value - min) / (max - min)) * (PLOT.bottom - PLOT.top),
    xTicks: logTicks(least, most),
    yTicks: linearTicks(min, max),
  };
}

function Axes({ at, metric, width }: { at: Scales; metric: string; width: number }): VNode {
  const right = width - PLOT.right;
  return html`<g class="axes" aria-hidden="true">
    ${at.yTicks.map(
      (tick) => html`<line x1=${PLOT.left} x2=${right} y1=${at.y(tick)} y2=${at.y(tick)} />
        <text class="y" x=${PLOT.left - 6} y=${at.y(tick) + 3.5}>${short(tick)}</text>`,
    )}
    ${at.xTicks.map((tick) => html`<text class="x" x=${at.x(tick)} y=${PLOT.bottom + 15}>${bytes(tick)}</text>`)}
    <text class="x" x=${(PLOT.left + right) / 2} y=${HEIGHT - 4}>bytes of the weights</text>
    <text class="y-name" x=${PLOT.left} y="9">${metric}</text>
  </g>`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

function textOf(
  { version, value, bytes: size, isFront, microseconds }: VersionPoint,
  metric: string,
  live: number | null,
) {
  const time = microseconds === null ? '' : `, ${Math.round(microseconds)} µs`;
  const marks = `${isFront ? ', on the front' : ''}${version === live ? ', live' : ''}`;
  return `Version ${version}: ${metric} ${fixed(value)}, ${bytes(size)}${time}${marks}`;
}
