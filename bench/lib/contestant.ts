import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Cell } from './train-page.ts';

interface Answer {
  ms: number[];
  /** Milliseconds of processor time per run. */
  cpu: number;
  loss: number;
}

/** A process that runs rows on request; it stays alive from one request to the next. */
export interface Contestant {
  name: string;
  /** Description of itself. */
  report: Record<string, unknown>;
  /** Some contestants run a variant of the row under another name. */
  ask(request: { row: string; runs: number; warmup: number }): Promise<Answer>;
  end(): void;
}

/** Resolves to undefined where the process ends before it says what it is. */
export async function startContestant(
  name: string,
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  quiet: boolean,
): Promise<Contestant | undefined> {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['pipe', 'pipe', quiet ? 'ignore' : 'inherit'],
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

/** The Python of a virtual environment with these packages, made at first use. */
export function pythonWith(folder: string, packages: readonly string[]): string {
  const python = join(folder, 'bin', 'python');
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(python)) run('python3', ['-m', 'venv', folder]);
  try {
    execFileSync(python, ['-c', `import ${packages.join(', ')}`], { stdio: 'ignore' });
  } catch {
    run(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
  }
  return python;
}

/** A contestant's part in one row. */
export interface Lane {
  contestant: Contestant;
  label: string;
  row: string;
  runs: number;
  warmup: number;
}

/** The lanes take turns, a few runs each, in so many rounds. */
export async function measureLanes(row: string, lanes: readonly Lane[], rounds: number): Promise<Cell[]> {
  const times = lanes.map(() => [] as number[]);
  const cpus = lanes.map(() => [] as number[]);
  const losses = lanes.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [at, lane] of lanes.entries()) {
      const runs = Math.ceil(lane.runs / rounds);
      const { ms, cpu, loss } = await lane.contestant.ask({ row: lane.row, runs, warmup: lane.warmup });
      times[at]!.push(...ms);
      cpus[at]!.push(cpu);
      losses[at] = loss;
    }
  }
  return lanes.map(({ label }, at) => ({
    row,
    contestant: label,
    median: medianOf(times[at]!),
    min: Math.min(...times[at]!),
    cpu: medianOf(cpus[at]!),
    runs: times[at]!.length,
    loss: losses[at]!,
  }));
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
