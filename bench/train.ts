import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { trainerEnvironment } from '../src/worker/trainer/trainer-environment.ts';
import { networks } from './lib/train-networks.ts';
import { type Cell, trainPage } from './lib/train-page.ts';

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
    /** Only rows whose name contains this. */
    rows: { type: 'string', default: '' },
    /** Writes the table to bench/results/train.md. */
    write: { type: 'boolean', default: false },
  },
});

interface Answer {
  ms: number[];
  /** Milliseconds of processor time per step. */
  cpu: number;
  loss: number;
}

interface Contestant {
  name: string;
  /** What it says about itself. */
  report: Record<string, unknown>;
  /** Some contestants run a variant of the row under another name. */
  ask(request: { row: string; runs: number; warmup: number }): Promise<Answer>;
  end(): void;
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
    env,
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
      return answer as unknown as Answer;
    },
    end: () => child.stdin!.end(),
  };
}

async function contestants(): Promise<Contestant[]> {
  const found: (Contestant | undefined)[] = [];
  for (const backend of options.backends.split(',')) {
    const args = [join(here, 'lib', 'train-child.js'), backend, options.threads];
    const env = trainerEnvironment(process.env, 1, tmpdir());
    found.push(await start(backend, process.execPath, args, env));
  }
  if (options.peer === 'python') {
    const script = join(project, 'bench', 'peers', 'pytorch_steps.py');
    found.push(await start('pytorch', pythonWithTorch(), [script, options.threads], process.env));
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
  const cpus = new Map(lanes.map(({ label }) => [label, [] as number[]]));
  const losses = new Map<string, number>();
  const rounds = Number(options.rounds);
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, label, row: name } of lanes) {
      const slow = label === 'wasm' || label === 'cpu';
      const runs = Math.ceil((slow ? Number(options.runs) / 4 : Number(options.runs)) / rounds);
      const { ms, cpu, loss } = await contestant.ask({ row: name, runs, warmup: slow ? 1 : 3 });
      times.get(label)!.push(...ms);
      cpus.get(label)!.push(cpu);
      losses.set(label, loss);
    }
  }
  return [...times].map(([contestant, ms]) => ({
    row,
    contestant,
    median: medianOf(ms),
    min: Math.min(...ms),
    cpu: medianOf(cpus.get(contestant)!),
    runs: ms.length,
    loss: losses.get(contestant)!,
  }));
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const all = await contestants();
const cells: Cell[] = [];
const wanted = Object.keys(networks).filter((row) => row.includes(options.rows));
for (const row of wanted) cells.push(...(await measure(all, row)));
for (const contestant of all) contestant.end();
const reports = Object.fromEntries(all.map(({ name, report }) => [name, report]));
const page = trainPage(cells, reports, process.argv.slice(2));
if (options.write) writeFileSync(join(project, 'bench', 'results', 'train.md'), page);
console.log(options.json ? JSON.stringify({ contestants: reports, cells }) : page);
