import type { Curve } from './story.ts';

/** Lines over epochs for a chart: `values[i]` belongs to `epochs[i]`, null where the epoch has none. */
export interface Lines {
  epochs: number[];
  lines: { name: string; values: (number | null)[] }[];
}

/** The losses of a loop. The total is left out where it is the only loss under another name. */
export function lossLines(curve: Curve): Lines {
  const lines = linesOf(curve, 'losses');
  const [first, second] = lines.lines;
  const isTwice = lines.lines.length === 2 && first!.values.every((value, i) => value === second!.values[i]);
  return isTwice ? { ...lines, lines: lines.lines.filter(({ name }) => name !== 'total') } : lines;
}

/** The metrics that a loop was validated by. */
export const metricLines = (curve: Curve): Lines => linesOf(curve, 'metrics');

function linesOf({ points }: Curve, part: 'losses' | 'metrics'): Lines {
  const epochs = [...points.keys()].sort((a, b) => a - b);
  const names = new Set(epochs.flatMap((epoch) => Object.keys(points.get(epoch)![part])));
  return {
    epochs,
    lines: [...names].map((name) => ({
      name,
      values: epochs.map((epoch) => points.get(epoch)![part][name] ?? null),
    })),
  };
}

/** Loops that a curve can be drawn of; one with a single epoch says nothing by its shape. */
export function drawable(curves: Iterable<Curve>): Curve[] {
  return [...curves].filter(
    (curve) =>
      (curve.points.size > 1 && linesOf(curve, 'losses').lines.length > 0) ||
      linesOf(curve, 'metrics').epochs.length > 1,
  );
}

/** The best value of the last metric of a loop with its epoch; null where nothing was validated. */
export function bestOf(curve: Curve): { name: string; value: number; epoch: number } | null {
  const { epochs, lines } = metricLines(curve);
  const line = lines.at(-1);
  if (!line) return null;
  let best: { name: string; value: number; epoch: number } | null = null;
  for (const [i, value] of line.values.entries())
    if (value !== null && (best === null || value > best.value))
      best = { name: line.name, value, epoch: epochs[i]! };
  return best;
}
