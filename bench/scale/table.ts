import type { ScaleResult } from './result.ts';

/** Time, processor time and memory of one job by stage, as a Markdown table. */
export function stageTable({ stages }: ScaleResult): string {
  const total = (of: (stage: ScaleResult['stages'][number]) => number) =>
    stages.reduce((sum, stage) => sum + of(stage), 0);
  const rows = stages.map(({ stage, seconds, cpuSeconds, peakMiB, silence }) => [
    stage,
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    count(peakMiB),
    silence.seconds.toFixed(1),
  ]);
  const whole = [
    'the whole job',
    total(({ seconds }) => seconds).toFixed(1),
    total(({ cpuSeconds }) => cpuSeconds).toFixed(1),
    count(peakOf(stages)),
    Math.max(...stages.map(({ silence }) => silence.seconds)).toFixed(1),
  ];
  const head = ['stage', 'wall, s', 'processors, s', 'peak RSS until its end, MiB', 'longest silence, s'];
  return aligned([head, ...rows, whole]);
}

function peakOf(stages: ScaleResult['stages']): number {
  return Math.max(...stages.map(({ peakMiB }) => peakMiB));
}

export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** As a Markdown table that reads well as plain text too. */
function aligned(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join(' | ')} |`;
  const rule = `| ${widths.map((w, c) => (c === 0 ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)).join(' | ')} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
