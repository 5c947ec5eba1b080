import os from 'node:os';

/** One contestant's times of one row. */
export interface Cell {
  row: string;
  contestant: string;
  /** Milliseconds per step, or per training. */
  median: number;
  min: number;
  /** Processor time of the whole process per step: what a busy machine stretches least. */
  cpu: number;
  runs: number;
  loss: number;
}

/** Text of a page beside its figures. */
interface PageText {
  title: string;
  /** Contestants whose ratio is shown. */
  ratios: [string, string][];
  turns: string;
  ratiosSay: string;
}

/** bench/results/train.md */
export const STEPS_PAGE: PageText = {
  title: 'Milliseconds per training step',
  ratios: [
    ['native', 'pytorch'],
    ['native', 'pytorch-fast'],
    ['gpu', 'native'],
    ['wasm', 'native'],
  ],
  turns: 'The contestants take turns, a few steps each, so that a busy moment hits all of them.',
  ratiosSay:
    'PyTorch suffers most from other work, because its threads wait for each other: only an idle machine gives ratios of medians that mean something.',
};

/** bench/results/train-teachers.md */
export const TEACHERS_PAGE: PageText = {
  title: 'Milliseconds per trained teacher',
  ratios: [['stillhouse', 'python']],
  turns:
    'iALS: 128 dimensions, 12 rounds, beside `implicit` by conjugate gradients. EASE: one lambda, the smaller side inverted, beside `numpy.linalg.inv`. Graph filter: GF-CF of rank 256, beside `scipy.sparse.linalg.svds` and a sparse product. The contestants take turns.',
  ratiosSay: 'Processor time is what a busy machine stretches least.',
};

/** Machine, versions, times, and ratios of medians, of minima and of processor time. */
export function trainPage(
  cells: readonly Cell[],
  reports: Record<string, unknown>,
  args: string[],
  text: PageText,
): string {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const names = [...new Set(cells.map(({ contestant }) => contestant))];
  const pairs = text.ratios.filter((pair) => pair.every((name) => names.includes(name)));
  const of = (row: string, name: string) =>
    cells.find((cell) => cell.row === row && cell.contestant === name)!;
  const times = rows.map((row) => [
    row,
    ...names.map((name) => {
      const { median, min, cpu, runs } = of(row, name);
      return `${median.toFixed(1)} (${min.toFixed(1)}; ${cpu.toFixed(1)}; ${runs})`;
    }),
  ]);
  const ratios = rows.map((row) => [
    row,
    ...pairs.map(([ours, theirs]) =>
      (['median', 'min', 'cpu'] as const)
        .map((key) => (of(row, ours)[key] / of(row, theirs)[key]).toFixed(2))
        .join(' / '),
    ),
  ]);
  return [
    `# ${text.title}`,
    `\`npm run bench:train -- ${args.join(' ')}\`, ${new Date().toISOString().slice(0, 10)}`,
    [
      `- Machine: ${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB; load average at the end ${os
        .loadavg()
        .map((load) => load.toFixed(1))
        .join(', ')}. Where it is above the number of cores other work shared the machine.`,
      `- Node ${process.version}. ${Object.values(reports)
        .map((report) => JSON.stringify(report))
        .join(' ')}`,
      `- ${text.turns}`,
    ].join('\n'),
    table(['median (min; processor time; runs)', ...names], times),
    `Ratios of medians / minima / processor time. ${text.ratiosSay}`,
    table(['', ...pairs.map((pair) => pair.join(' : '))], ratios),
    '',
  ].join('\n\n');
}

function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]!.length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
