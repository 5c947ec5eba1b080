import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { onTheme } from '../theme.ts';
import { TIME_STEPS, timeLabels } from './time-ticks.ts';

/** Colours of curves, by their number; defined for light and dark in style.css. */
const COLOURS = 6;

export interface Curve {
  label: string;
  /** As long as `x`; null where there is no value. */
  values: readonly (number | null)[];
  isDashed?: boolean;
}

interface ChartProps {
  /** Text in place of the picture, for who cannot see it; ends with the last values of the curves. */
  label: string;
  x: readonly number[];
  curves: readonly Curve[];
  /** `time`: x is in seconds since 1970. */
  xKind?: 'number' | 'time';
  isLog?: boolean;
  height?: number;
  formatY?: (value: number) => string;
}

/** Curves over a common axis, as wide as there is room. */
export function Chart({
  label,
  x,
  curves,
  xKind = 'number',
  isLog = false,
  height = 200,
  formatY,
}: ChartProps): VNode {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [[...x], ...curves.map(({ values }) => [...values])] as uPlot.AlignedData;
  const shape = JSON.stringify([
    curves.map(({ label: name, isDashed }) => [name, isDashed]),
    xKind,
    isLog,
    height,
  ]);

  useEffect(() => {
    const element = host.current!;
    const draw = () => {
      plot.current?.destroy();
      const options = optionsOf(element, { curves, xKind, isLog, height, formatY });
      plot.current = new uPlot(options, data, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const stopTheme = onTheme(draw);
    return () => {
      stopTheme();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [JSON.stringify(data)]);

  const last = curves.map(
    ({ label: name, values }) => `${name} ${values.findLast((value) => value !== null) ?? 'none'}`,
  );
  return html`<div class="chart" ref=${host} role="img" aria-label=${`${label}; last values: ${last.join(', ')}`}></div>`;
}

type Options = Required<Pick<ChartProps, 'xKind' | 'isLog' | 'height'>> &
  Pick<ChartProps, 'curves' | 'formatY'>;

function optionsOf(element: HTMLElement, { curves, xKind, isLog, height, formatY }: Options): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--faint'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  };
  const written = formatY && {
    values: (_: uPlot, ticks: number[]) => ticks.map((tick) => (tick == null ? '' : formatY(tick))),
  };
  // Without the mouse above it the legend has no place, and shows the last values.
  const shown = {
    value(plot: uPlot, at: number | null, series: number, index: number | null) {
      const values = plot.data[series] as (number | null | undefined)[];
      const value = index == null ? values.findLast((one) => one != null) : at;
      return value == null ? '–' : formatY ? formatY(value) : value.toLocaleString('en');
    },
  };
  const isTime = xKind === 'time';
  const place = {
    label: isTime ? 'Time' : 'At',
    value: (_: uPlot, at: number | null) =>
      at == null ? 'last' : isTime ? new Date(at * 1000).toLocaleString('en-GB') : String(at),
  };
  const timed = isTime && {
    incrs: TIME_STEPS,
    values: (_: uPlot, ticks: number[], _axis: number, _space: number, step: number) =>
      timeLabels(ticks, step),
  };
  return {
    width: element.clientWidth || 300,
    height,
    legend: { live: true },
    cursor: { points: { size: 6 } },
    scales: { x: { time: isTime }, y: { distr: isLog ? 3 : 1 } },
    axes: [
      { ...axis, size: isTime ? 40 : 28, ...timed },
      { ...axis, size: 52, ...written },
    ],
    series: [
      place,
      ...curves.map(({ label, isDashed }, i) => ({
        label,
        stroke: colour(`--curve-${(i % COLOURS) + 1}`),
        width: 1.5,
        spanGaps: true,
        points: { size: 4 },
        ...(isDashed && { dash: [5, 4] }),
        ...shown,
      })),
    ],
  };
}
