import type { PhaseResult, ScaleResult } from './result.ts';

type Row = [name: string, ...cells: string[]];

/** One column per size. Growth is against the size before, and against how much the interactions grew. */
export function scaleTable(results: readonly ScaleResult[]): string {
  const rows: Row[] = [
    row('users', results, (r) => count(r.case.users)),
    row('items', results, (r) => count(r.case.items)),
    row('interactions', results, (r) => count(r.case.interactions)),
    row('pairs that count', results, (r) => count(r.pairs)),
    row('dataset build, s', results, (r) => r.seconds.build.toFixed(2)),
    row('split, s', results, (r) => r.seconds.split.toFixed(2)),
    ...phaseRows('teacher', results, (r) => r.teacher),
    ...phaseRows('distillation', results, (r) => r.distillation),
    row('evaluation of 4 rankers, s', results, (r) => r.seconds.evaluation?.toFixed(1) ?? '-'),
    row('peak RSS after build, MiB', results, (r) => count(r.peakMiB.build!)),
    row('peak RSS, MiB', results, (r) => count(peakOf(r))),
    ...growthRows(results),
  ];
  return aligned([['', ...results.map((r) => `${count(r.case.users)} users`)], ...rows.slice(1)]);
}

export function peakOf(result: ScaleResult): number {
  return Math.max(...Object.values(result.peakMiB));
}

/** Median over the epochs: machines that are shared have slow moments. */
export function epochSeconds(phase: PhaseResult): number {
  return median(phase.epochs.map((epoch) => epoch.seconds));
}

function phaseRows(
  name: string,
  results: readonly ScaleResult[],
  phase: (r: ScaleResult) => PhaseResult,
): Row[] {
  return [
    row(`${name}: batch x steps`, results, (r) => `${phase(r).batchSize} x ${phase(r).steps}`),
    row(`${name}: set-up, s`, results, (r) => phase(r).setupSeconds.toFixed(1)),
    row(`${name}: epoch, s`, results, (r) => epochSeconds(phase(r)).toFixed(1)),
    row(`${name}: ms per step`, results, (r) => median(phase(r).epochs.map((e) => e.msPerStep)).toFixed(0)),
    row(`${name}: validation per epoch, s`, results, (r) =>
      median(phase(r).epochs.map((e) => e.validationSeconds)).toFixed(1),
    ),
    row(`${name}: RSS after each epoch, MiB`, results, (r) =>
      phase(r)
        .epochs.map((e) => count(e.rssMiB))
        .join(' '),
    ),
  ];
}

function growthRows(results: readonly ScaleResult[]): Row[] {
  const measures: [string, (r: ScaleResult) => number][] = [
    ['interactions', (r) => r.case.interactions],
    ['dataset build', (r) => r.seconds.build],
    ['split', (r) => r.seconds.split],
    ['teacher epoch', (r) => epochSeconds(r.teacher)],
    ['distillation epoch', (r) => epochSeconds(r.distillation)],
    ['evaluation', (r) => r.seconds.evaluation ?? Number.NaN],
    ['peak RSS', peakOf],
  ];
  return measures.map(([name, of]) => [
    `growth: ${name}`,
    ...results.map((r, i) => (i === 0 ? '1' : `x ${(of(r) / of(results[0]!)).toFixed(1)}`)),
  ]);
}

function row(name: string, results: readonly ScaleResult[], cell: (r: ScaleResult) => string): Row {
  return [name, ...results.map(cell)];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function count(n: number): string {
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
