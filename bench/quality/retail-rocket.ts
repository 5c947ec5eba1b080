/**
 * One student for looking, putting into the cart and buying on retail-rocket, through the service:
 *
 *   npm run bench:quality -- retail-rocket [--seeds 1,2,3] [--tune] [--teacher '{"kind":"ease"}'] [--jobs '{"default":{}}']
 *
 * With --tune the test purchases are not imported: each user's newest purchase takes their place, without its time and
 * without the looks and carts that led to it, as those of the test purchases are not in the published files either.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Measured } from '../../src/domain/reports/measured.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { TaskReport } from '../../src/domain/reports/task-report.ts';
import { dataFolder, type PageRun, runJobs, writePage } from './own-page.ts';
import { startQualityService } from './service.ts';

const TEST = 'buy-test';
const TASKS = [
  { name: 'buy', types: ['buy'], split: { strategy: 'types', test: TEST } },
  { name: 'cart', types: ['cart'], split: { strategy: 'leave-last-out' } },
  { name: 'view', types: ['view'], split: { strategy: 'leave-last-out' } },
];
/** The test purchases come without the looks and carts that led to them: what is to be predicted is met in no behaviour. */
const JOBS = {
  default: {},
  unseen: {
    tasks: TASKS.map((task, i) => ({ ...task, weight: i === 0 ? 1 : 0.2 })),
    distillation: { taskTargets: 'unseen', epochs: 12 },
  },
};
const HEADLINE = ['hr@10', 'ndcg@10'];

/** @param root of the repository */
export async function benchRetailRocket(root: string, argv: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: argv,
    options: {
      seeds: { type: 'string', default: '1,2,3' },
      tune: { type: 'boolean', default: false },
      /** Other jobs, by name. */
      jobs: { type: 'string' },
      /** For all jobs that name none. */
      teacher: { type: 'string', default: '{"kind":"auto"}' },
    },
  });
  const folder = dataFolder(root, 'retail-rocket');
  if (!folder) return;
  const teacher = JSON.parse(options.teacher);
  const jobs: Record<string, object> = options.jobs ? JSON.parse(options.jobs) : JOBS;
  const common = { model: 'shop', teacher, tasks: TASKS, evaluation: { k: [10] } };
  const pageSoFar = (runs: readonly PageRun[]) => pageOf(runs, jobs, argv);
  const keep = (runs: readonly PageRun[]) => writePage(root, 'retail-rocket', pageSoFar(runs));
  const service = await startQualityService(root);
  let runs: PageRun[];
  try {
    for (const upload of uploads(folder, options.tune)) await service.upload(upload);
    const seeds = options.seeds.split(',').map(Number);
    runs = await runJobs(service, common, jobs, seeds, inShort, options.tune ? undefined : keep);
  } finally {
    await service.stop();
  }
  console.log(`\n${pageSoFar(runs)}`);
}

function uploads(folder: string, tune: boolean) {
  const read = (file: string) => gunzipSync(readFileSync(join(folder, `${file}.csv.gz`))).toString();
  const of = (type: string) => ({ csv: read(`train_${type}`), type });
  if (!tune) return [of('view'), of('cart'), of('buy'), { csv: read('test_buy'), type: TEST }];
  const { kept, held, isHeld } = withoutNewestPurchase(read('train_buy'));
  const rest = (type: string) => ({ csv: tableOfRows(read(`train_${type}`), (line) => !isHeld(line)), type });
  return [rest('view'), rest('cart'), { csv: kept, type: 'buy' }, { csv: held, type: TEST }];
}

/** The newest purchase of each user who has another one, in each of its rows. */
function withoutNewestPurchase(csv: string) {
  const newest = new Map<string, { item: string; time: number }>();
  const bought = new Map<string, Set<string>>();
  for (const line of csv.trimEnd().split('\n').slice(1)) {
    const [user = '', item = '', time] = line.split(',');
    bought.set(user, (bought.get(user) ?? new Set()).add(item));
    const known = newest.get(user);
    if (!known || known.time < Number(time)) newest.set(user, { item, time: Number(time) });
  }
  const isHeld = (line: string) => {
    const [user = '', item] = line.split(',');
    return newest.get(user)?.item === item && bought.get(user)!.size > 1;
  };
  const untimed = ([user, item]: string[]) => `${user},${item}`;
  const held = tableOfRows(csv, isHeld)
    .trimEnd()
    .split('\n')
    .map((line) => untimed(line.split(',')));
  return { kept: tableOfRows(csv, (line) => !isHeld(line)), held: [...held, ''].join('\n'), isHeld };
}

function tableOfRows(csv: string, isWanted: (line: string) => boolean): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  return [header, ...lines.filter(isWanted), ''].join('\n');
}

function inShort({ tasks = [], oneForAll }: Report): string {
  const told = tasks.map(({ task, models }) => {
    const of = models.map(
      (r) => `${r.name} ${HEADLINE.map((m) => r.metrics[m]!.value.toFixed(4)).join('/')}`,
    );
    return `${task} ${of.join(', ')}`;
  });
  return `${told.join('; ')}; ${oneForAll!.sizeRatio.toFixed(2)} times smaller`;
}

function pageOf(runs: readonly PageRun[], jobs: Record<string, object>, argv: readonly string[]): string {
  const rows = [...new Set(runs.map(({ row }) => row))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return [
    '# Several tasks on retail-rocket',
    '',
    "2,174 users x 30,113 items, one held-out purchase per user; of carts and looks each user's newest pair is held out. All items are ranked but those of the user's training and validation pairs of the task; ties count against the ranker.",
    `Written by \`npm run bench:quality -- ${['retail-rocket', ...argv.map((arg) => (arg.includes('{') ? `'${arg}'` : arg))].join(' ')}\`; mean over seeds ${seeds.join(', ')}, in brackets the 95 % bootstrap interval of seed ${seeds[0]}. *single-task*: a student of the same size, with the same history and teacher, that learns this task alone.`,
    '',
    ...rows.flatMap((row) =>
      tableOf(
        row,
        jobs[row]!,
        runs.filter((run) => run.row === row),
      ),
    ),
  ].join('\n');
}

function tableOf(row: string, job: object, runs: readonly PageRun[]): string[] {
  const first = runs[0]!.report;
  const mean = (of: (report: Report) => number) =>
    runs.reduce((sum, run) => sum + of(run.report), 0) / runs.length;
  const names = first.tasks![0]!.models.map(({ name }) => name).filter((name) => name !== 'student-float32');
  const header = [
    'task',
    'test users',
    ...names.flatMap((n) => HEADLINE.map((m) => `${n} ${m}`)),
    ...HEADLINE.map((m) => `student less single-task ${m}`),
  ];
  const lines = first.tasks!.map((table, i) => {
    const taskOf = (report: Report): TaskReport => report.tasks![i]!;
    const metric = (name: string, m: string) =>
      digits(mean((report) => taskOf(report).models.find((r) => r.name === name)!.metrics[m]!.value));
    const gain = (m: string) =>
      `${signed(mean((report) => taskOf(report).comparison.gainOverAlone[m]!.value))} ${interval(table.comparison.gainOverAlone[m]!)}`;
    return [
      table.task,
      table.data.testUsers,
      ...names.flatMap((n) => HEADLINE.map((m) => metric(n, m))),
      ...HEADLINE.map(gain),
    ];
  });
  const { oneForAll } = first;
  const teachers = first.tasks!.map(({ task, models }) => `${task}: ${models[0]!.description}`);
  const table = [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  return [
    `## ${row}`,
    '',
    ...('distillation' in job
      ? [
          `\`distillation: ${JSON.stringify(job.distillation)}\`; weights ${first.tasks!.map(({ task, weight }) => `${task} ${weight}`).join(', ')}.`,
          '',
        ]
      : []),
    ...table,
    '',
    `Teachers: ${teachers.join('; ')}. Student: ${first.tasks![0]!.models.find(({ name }) => name === 'student')!.description}, ${oneForAll!.bytes} bytes, the single-task students together ${oneForAll!.singleTaskBytes}: ${oneForAll!.sizeRatio.toFixed(2)} times smaller. One answer per task takes ${oneForAll!.p50Microseconds.toFixed(0)} us against ${oneForAll!.singleTaskP50Microseconds.toFixed(0)}. A job takes ${Math.round(runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length)} s and at most ${Math.max(...runs.map((run) => run.peakMiB))} MiB.`,
    '',
  ];
}

const digits = (x: number) => `.${x.toFixed(4).slice(2)}`;
const signed = (x: number) => `${x < 0 ? '-' : '+'}${digits(Math.abs(x))}`;
const interval = ({ low, high }: Measured) => `(${signed(low)} to ${signed(high)})`;
