import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { whole } from './format.ts';

export interface Bin {
  from: number;
  to: number;
  count: number;
}

interface HistogramProps {
  bins: readonly Bin[];
  /** Name of the counts, such as "users by length of history". */
  label: string;
  /** Counts on a log axis. Bins are drawn equally wide: those of the API double from one to the next. */
  isLog?: boolean;
}

const WIDTH = 480;
const HEIGHT = 150;
const BELOW = 18;
const ABOVE = 14;

/** Bars with their counts above and the first value of each bin below. */
export function Histogram({ bins, label, isLog = true }: HistogramProps): VNode {
  const scale = (count: number) => (isLog ? Math.log10(1 + count) : count);
  const most = Math.max(1e-9, ...bins.map(({ count }) => scale(count)));
  const step = WIDTH / Math.max(1, bins.length);
  const every = Math.ceil(bins.length / 14);
  const text = `${label}: ${bins.map((bin) => `${nameOf(bin)}: ${whole(bin.count)}`).join('; ')}`;
  return html`<svg class="histogram" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${text}>
    ${bins.map((bin, i) => {
      const height = (scale(bin.count) / most) * (HEIGHT - BELOW - ABOVE);
      const top = HEIGHT - BELOW - height;
      const middle = (i + 0.5) * step;
      return html`<g key=${bin.from}>
        <title>${nameOf(bin)}: ${whole(bin.count)}</title>
        <rect x=${i * step + 1} y=${top} width=${Math.max(1, step - 2)} height=${height} />
        ${
          i % every === 0 &&
          html`<text x=${middle} y=${HEIGHT - 5}>${short(bin.from)}</text>
          <text x=${middle} y=${top - 3} class="count">${short(bin.count)}</text>`
        }
      </g>`;
    })}
    <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT - BELOW} y2=${HEIGHT - BELOW} />
  </svg>`;
}

const nameOf = ({ from, to }: Bin) => (from === to ? whole(from) : `${whole(from)} to ${whole(to)}`);

const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const short = (value: number) => SHORT.format(value);
