import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { fixed } from './format.ts';

interface IntervalBarProps {
  /** Null where there is an interval alone, and the other way round. */
  value: number | null;
  low: number | null;
  high: number | null;
  /** Ends of the axis, the same for all bars that stand below each other. */
  min: number;
  max: number;
  /** A line to compare with, such as 0 for differences. */
  mark?: number;
  tone?: 'plain' | 'good' | 'bad';
  /** How a value is written in the text of the bar. */
  format?: (value: number) => string;
}

const WIDTH = 120;
const HEIGHT = 16;
const EDGE = 4;

/** A value as a dot on its interval. */
export function IntervalBar(props: IntervalBarProps): VNode {
  const { value, low, high, min, max, mark, tone = 'plain', format = (one) => fixed(one) } = props;
  const at = (one: number) =>
    EDGE + Math.min(1, Math.max(0, (one - min) / (max - min || 1))) * (WIDTH - 2 * EDGE);
  const middle = HEIGHT / 2;
  const interval = low !== null && high !== null ? `, from ${format(low)} to ${format(high)}` : '';
  const text = `${value === null ? 'unknown' : format(value)}${interval}`;
  return html`<svg class=${`interval ${tone}`} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${text}>
    <title>${text}</title>
    <line class="axis" x1=${EDGE} x2=${WIDTH - EDGE} y1=${middle} y2=${middle} />
    ${mark !== undefined && html`<line class="mark" x1=${at(mark)} x2=${at(mark)} y1="1" y2=${HEIGHT - 1} />`}
    ${low !== null && high !== null && html`<line class="span" x1=${at(low)} x2=${at(high)} y1=${middle} y2=${middle} />`}
    ${value !== null && html`<circle cx=${at(value)} cy=${middle} r="3.5" />`}
  </svg>`;
}

/** Ends of an axis that holds all the values, with some room. */
export function axisOf(
  values: readonly (number | null | undefined)[],
  mark?: number,
): { min: number; max: number } {
  const known = [...values, mark].filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  if (known.length === 0) return { min: 0, max: 1 };
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return { min: low - room, max: high + room };
}
