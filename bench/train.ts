import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { networks } from './lib/train-networks.ts';

/**
 * Milliseconds per training step of five networks on every backend that can be had, and of PyTorch with --peer=python.
 * All contestants stay alive and take turns, a few steps each, so that a change in the machine's speed hits all of them.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    peer: { type: 'string' },
    runs: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '4' },
    threads: { type: 'string', default: String(availableParallelism()) },
    backends: { type: 'string', default: 'gpu,native,wasm' },
    rows: { type: 'string', default: '' },
  },
});

/** What the worker gives its trainers too: freed buffers stay with the process instead of going back page by page. */
const MALLOC = {
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  MALLOC_MMAP_THRESHOLD_: '4294967296',
  MALLOC_TRIM_THRESHOLD_: '17179869184',
  MALLOC_TOP_PAD_: '268435456',
};

interface Contestant {
  name: string;
  /** What it says about itself. */
  report: Record<string, unknown>;
  /** Some contestants run a variant of the row under another name. */
  ask(request: { row: string; runs: number; warmup: number }): Promise<{ ms: number[]; loss: number }>;
  end(): void;
}

interface Cell {
  row: string;
  contestant: string;
  median: number;
  min: number;
  runs: number;
  loss: number;
}

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..', '..');

async function start(
  name: string,
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<Contestant | undefined> {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['pipe', 'pipe', options.json ? 'ignore' : 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const read = async (): Promise<Record<string, unknown> | undefined> => {
    const { value, done } = await lines.next();
    if (done) return undefined;
    return value.startsWith('{') ? (JSON.parse(value) as Record<string, unknown>) : read();
  };
  const hello = await read();
  if (!hello) return undefined;
  return {
    name,
    report: hello.report as Record<string, unknown>,
    async ask(request) {
      child.stdin!.write(`${JSON.stringify(request)}\n`);
      const answer = await read();
      if (!answer) throw new Error(`${name} ended while running ${request.row}`);
      return answer as { ms: number[]; loss: number };
    },
    end: () => child.stdin!.end(),
  };
}

async function contestants(): Promise<Contestant[]> {
  const found: (Contestant | undefined)[] = [];
  for (const backend of options.backends.split(',')) {
    const args = [join(here, 'lib', 'train-child.js'), backend, options.threads];
    const quiet = backend === 'gpu' ? { ...MALLOC, NODE_NO_WARNINGS: '1' } : MALLOC;
    found.push(await start(backend, process.execPath, args, quiet));
  }
  if (options.peer === 'python') {
    const script = join(project, 'bench', 'peers', 'pytorch_steps.py');
    found.push(await start('pytorch', pythonWithTorch(), [script, options.threads], {}));
  }
  return found.filter((each) => each !== undefined);
}

/** A virtual environment with PyTorch, made at first use. */
function pythonWithTorch(): string {
  const folder = join(project, '.runtime', 'torch-peer');
  const python = join(folder, 'bin', 'python');
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(python)) run('python3', ['-m', 'venv', folder]);
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
  } catch {
    run(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy']);
  }
  return python;
}

async function measure(all: Contestant[], row: string): Promise<Cell[]> {
  const lanes = all.flatMap((contestant) => {
    const plain = { contestant, label: contestant.name, row };
    return contestant.name === 'pytorch'
      ? [plain, { contestant, label: 'pytorch-fast', row: `${row}-fast` }]
      : [plain];
  });
  const times = new Map(lanes.map(({ label }) => [label, [] as number[]]));
  const losses = new Map<string, number>();
  const rounds = Number(options.rounds);
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, label, row: name } of lanes) {
      const slow = label === 'wasm' || label === 'cpu';
      const runs = Math.ceil((slow ? Number(options.runs) / 4 : Number(options.runs)) / rounds);
      const { ms, loss } = await contestant.ask({ row: name, runs, warmup: slow ? 1 : 3 });
      times.get(label)!.push(...ms);
      losses.set(label, loss);
    }
  }
  return [...times].map(([contestant, ms]) => {
    const sorted = ms.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    return { row, contestant, median, min: sorted[0]!, runs: ms.length, loss: losses.get(contestant)! };
  });
}

function table(cells: Cell[]): string {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const names = [...new Set(cells.map(({ contestant }) => contestant))];
  const lines = [['ms per step: median (min; runs)', ...names, ...ratioNames(names)]];
  for (const row of rows) {
    const of = (name: string) => cells.find((cell) => cell.row === row && cell.contestant === name)!;
    const texts = names.map(
      (name) => `${of(name).median.toFixed(1)} (${of(name).min.toFixed(1)}; ${of(name).runs})`,
    );
    const ratios = ratioNames(names).map((ratio) => {
      const [ours, theirs] = ratio.split(' / ') as [string, string];
      return (of(ours).median / of(theirs).median).toFixed(2);
    });
    lines.push([row, ...texts, ...ratios]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  '),
    )
    .join('\n');
}

function ratioNames(names: string[]): string[] {
  const pairs: [string, string][] = [
    ['native', 'pytorch'],
    ['native', 'pytorch-fast'],
    ['gpu', 'native'],
    ['wasm', 'native'],
  ];
  return pairs.filter((pair) => pair.every((name) => names.includes(name))).map((pair) => pair.join(' / '));
}

const all = await contestants();
const cells: Cell[] = [];
const wanted = Object.keys(networks).filter((row) => row.includes(options.rows));
for (const row of wanted) cells.push(...(await measure(all, row)));
for (const contestant of all) contestant.end();
const reports = Object.fromEntries(all.map(({ name, report }) => [name, report]));
if (options.json)
  console.log(JSON.stringify({ threads: Number(options.threads), contestants: reports, cells }));
else console.log(`${JSON.stringify(reports)}\n\n${table(cells)}`);
