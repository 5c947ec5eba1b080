import { writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { trainerEnvironment } from '../src/worker/trainer/trainer-environment.ts';
import { type Contestant, measureLanes, pythonWith, startContestant } from './lib/contestant.ts';
import { TEACHER_ROWS, writePairs } from './lib/teacher-rows.ts';
import { networks } from './lib/train-networks.ts';
import { type Cell, STEPS_PAGE, TEACHERS_PAGE, trainPage } from './lib/train-page.ts';

/**
 * Milliseconds per training step of five networks on every backend that can be had, and of PyTorch with --peer=python; with
 * --teachers those of whole trainings of teachers instead, beside implicit, numpy and SciPy. All contestants stay alive and take
 * turns, so that a change in the machine's speed hits all of them.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    peer: { type: 'string' },
    teachers: { type: 'boolean', default: false },
    runs: { type: 'string' },
    rounds: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    backends: { type: 'string', default: 'gpu,native,wasm' },
    /** Only rows whose name contains this. */
    rows: { type: 'string', default: '' },
    /** Writes the table to bench/results/train.md, or train-teachers.md. */
    write: { type: 'boolean', default: false },
  },
});

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..', '..');
const runs = Number(options.runs ?? (options.teachers ? 3 : 20));
const rounds = Number(options.rounds ?? (options.teachers ? 3 : 4));

const ours = (name: string, script: string, args: string[]) =>
  startContestant(
    name,
    process.execPath,
    [join(here, 'lib', script), ...args],
    trainerEnvironment(process.env, 1, tmpdir()),
    options.json,
  );

const python = (name: string, script: string, packages: string[], args: string[]) =>
  startContestant(
    name,
    pythonWith(join(project, '.runtime', `${name}-peer`), packages),
    [join(project, 'bench', 'peers', script), ...args],
    { ...process.env, OPENBLAS_NUM_THREADS: options.threads },
    options.json,
  );

async function stepContestants(): Promise<(Contestant | undefined)[]> {
  const found: (Contestant | undefined)[] = [];
  for (const backend of options.backends.split(','))
    found.push(await ours(backend, 'train-child.js', [backend, options.threads]));
  if (options.peer === 'python')
    found.push(await python('torch', 'pytorch_steps.py', ['torch', 'numpy'], [options.threads]));
  return found;
}

async function measureSteps(all: readonly Contestant[], row: string): Promise<Cell[]> {
  const lanes = all.flatMap((contestant) => {
    const slow = contestant.name === 'wasm' || contestant.name === 'cpu';
    const pace = slow ? { runs: runs / 4, warmup: 1 } : { runs, warmup: 3 };
    if (contestant.name !== 'torch') return [{ contestant, label: contestant.name, row, ...pace }];
    return [
      { contestant, label: 'pytorch', row, ...pace },
      { contestant, label: 'pytorch-fast', row: `${row}-fast`, ...pace },
    ];
  });
  return measureLanes(row, lanes, rounds);
}

async function teacherContestants(): Promise<(Contestant | undefined)[]> {
  const pairs = writePairs(join(tmpdir(), 'bench-train-pairs'));
  const args = [options.threads, pairs];
  return [
    await ours('stillhouse', 'teacher-child.js', args),
    await python('teachers', 'teachers.py', ['implicit', 'numpy', 'scipy', 'threadpoolctl'], args),
  ];
}

function measureTeachers(all: readonly Contestant[], row: string): Promise<Cell[]> {
  const lanes = all.map((contestant) => {
    const label = contestant.name === 'teachers' ? 'python' : contestant.name;
    return { contestant, label, row, runs, warmup: 0 };
  });
  return measureLanes(row, lanes, rounds);
}

const started = await (options.teachers ? teacherContestants() : stepContestants());
const all = started.filter((each) => each !== undefined);
const cells: Cell[] = [];
const names = options.teachers ? TEACHER_ROWS : Object.keys(networks);
for (const row of names.filter((name) => name.includes(options.rows)))
  cells.push(...(await (options.teachers ? measureTeachers : measureSteps)(all, row)));
for (const contestant of all) contestant.end();
const reports = Object.fromEntries(all.map(({ name, report }) => [name, report]));
const page = trainPage(cells, reports, process.argv.slice(2), options.teachers ? TEACHERS_PAGE : STEPS_PAGE);
const file = options.teachers ? 'train-teachers.md' : 'train.md';
if (options.write) writeFileSync(join(project, 'bench', 'results', file), page);
console.log(options.json ? JSON.stringify({ contestants: reports, cells }) : page);
