import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { measureKernel } from './kernel.ts';
import type { LargeResult } from './large.ts';
import type { Run, ServeResult } from './measure.ts';

type Row = [what: string, measured: string, target: string, verdict: string];

/** Everything that the command measures. */
export interface Measured {
  kernel: ReturnType<typeof measureKernel>;
  large: LargeResult;
  serve: ServeResult;
}

export function serveTable({ kernel, large, serve }: Measured): string {
  const rows = [
    ...requestRows(serve),
    ...changeRows(serve),
    ...processRows(serve),
    ...kernelRows(kernel),
    ...largeRows(large),
  ];
  return table(['what', 'measured', 'target', ''], rows);
}

function requestRows({ hello, bare, recommend, firstTime }: ServeResult): Row[] {
  const [h, b, r] = [hello, bare, recommend].map(middle) as [Run, Run, Run];
  const share = r.perSecond / h.perSecond;
  const p99 = r.p99Ms / h.p99Ms;
  return [
    ['hello-world in the api, requests/s', perSecond(h), '', ''],
    ['hello-world in a bare Fastify, requests/s', perSecond(b), '', ''],
    ['recommend, requests/s', perSecond(r), '', ''],
    ['recommend, share of hello-world in the api', percent(share), '>= 35 %', verdict(share >= 0.35)],
    ['the same by processor time per request', percent(h.cpuMicros / r.cpuMicros), '', ''],
    ['recommend, share of the bare hello-world', percent(r.perSecond / b.perSecond), '', ''],
    ['the same by processor time per request', percent(b.cpuMicros / r.cpuMicros), '', ''],
    ['p99: recommend, hello-world', `${ms(r.p99Ms)}, ${ms(h.p99Ms)}`, '', ''],
    ['p99 as a multiple of hello-world', p99.toFixed(2), '<= 3', verdict(p99 <= 3)],
    ['users asked for the first time, requests/s', perSecond(firstTime), '', ''],
  ];
}

function changeRows({ recommend, swaps, writes }: ServeResult): Row[] {
  const quiet = middle(recommend).p99Ms;
  const failed = swaps.failed + swaps.run.failed;
  const swapped = swaps.run.p99Ms / quiet;
  const beside = (writes.before.perSecond + writes.after.perSecond) / 2;
  const loss = 1 - writes.during.perSecond / beside;
  const { writer } = writes;
  return [
    [
      'model swaps under load, failed requests',
      `${swaps.count}, ${failed}`,
      '0 failed',
      verdict(failed === 0),
    ],
    ['p99 while swapping', ms(swaps.run.p99Ms), '', ''],
    ['the same as a multiple of the quiet one', swapped.toFixed(2), '<= 2', verdict(swapped <= 2)],
    ['interactions written beside, per second', writer.perSecond.toFixed(0), '500', ''],
    ['p99 of a write, failed ones', `${ms(writer.p99Ms)}, ${writer.failed}`, '', ''],
    ['throughput lost to them', percent(loss), '<= 15 %', verdict(loss <= 0.15)],
  ];
}

function processRows({ rssAtStartMiB, rssAfterMiB, readyMs, two }: ServeResult): Row[] {
  const rows: Row[] = [
    [
      'RSS when ready',
      `${rssAtStartMiB.toFixed(0)} MiB`,
      '<= 200 MB',
      verdict(rssAtStartMiB * 1.048576 <= 200),
    ],
    ['RSS after all of the above', `${rssAfterMiB.toFixed(0)} MiB`, '', ''],
    ['process start to ready', `${readyMs.toFixed(0)} ms`, '<= 1 s', verdict(readyMs <= 1000)],
  ];
  if (two) {
    const gain = two.together / two.one.perSecond;
    rows.push(['two api processes against one', gain.toFixed(2), '>= 1.7', verdict(gain >= 1.7)]);
  }
  return rows;
}

/** In microseconds, by how many rows a catalogue may have. */
const FULL: [rows: number, most: number][] = [
  [10_000, 60],
  [100_000, 600],
  [1_000_000, 6000],
];
const PRUNED: [rows: number, most: number][] = [
  [10_000, 15],
  [100_000, 100],
  [1_000_000, 1000],
];

function kernelRows({ rows, overlap }: Measured['kernel']): Row[] {
  const scans = rows.map(({ vectors, scan, items, medianMicroseconds, looked, finished }): Row => {
    const most = (scan === 'full' ? FULL : PRUNED).find(([size]) => size >= items)![1];
    const name = `kernel, ${scan} scan, ${items.toLocaleString('en-US')} x 64, vectors: ${vectors}`;
    const share =
      scan === 'full' ? '' : ` (${percent(looked)} of the rows looked at, ${percent(finished)} finished)`;
    return [name, `${medianMicroseconds} us${share}`, `<= ${most} us`, verdict(medianMicroseconds <= most)];
  });
  if (overlap === null) return scans;
  return [
    ...scans,
    ['int8 top-10 against float32 top-10, overlap', overlap.toFixed(4), '>= 0.98', verdict(overlap >= 0.98)],
  ];
}

function largeRows({ items, onThreads, inEventLoop }: LargeResult): Row[] {
  const name = `${items.toLocaleString('en-US')} random rows`;
  const beside = (mine: number, other: number) => `${ms(mine)} (in the event loop ${ms(other)})`;
  const { blockedByScansMs: scans, blockedByLoadMs: load } = onThreads;
  return [
    [
      `${name} on a thread, longest block of the event loop by scans`,
      beside(scans, inEventLoop.blockedByScansMs),
      '<= 5 ms',
      verdict(scans <= 5),
    ],
    [
      'of that block, ready to run while others had the cores',
      beside(onThreads.waitedByScansMs, inEventLoop.waitedByScansMs),
      '',
      '',
    ],
    ['the same by loading the model', beside(load, inEventLoop.blockedByLoadMs), '', ''],
    ['a scan there, four at a time, median', beside(onThreads.scanP50Ms, inEventLoop.scanP50Ms), '', ''],
    ['loading it', `${onThreads.loadSeconds.toFixed(1)} s`, '', ''],
  ];
}

export function servePage(measured: Measured, args: readonly string[]): string {
  const result = measured.serve;
  const sideBySide = (what: 'places' | 'functions') => {
    const profiles = [result.profile, result.swapProfile, result.writeProfile].map(
      (profile) => profile[what],
    );
    const names = [...new Set(profiles.flatMap((rows) => rows.map(({ where }) => where)))];
    return names.map((name) => [
      name,
      ...profiles.map((rows) => {
        const share = rows.find(({ where }) => where === name)?.share;
        return share === undefined ? '' : percent(share);
      }),
    ]);
  };
  const busy = [result.bare, result.hello, result.recommend].map((runs) => middle(runs).busy.toFixed(2));
  return [
    '# What serving costs',
    `\`npm run bench:serve${args.length > 0 ? ` -- ${args.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}`,
    [
      `- Machine: ${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB; load average at the end ${os
        .loadavg()
        .map((load) => load.toFixed(1))
        .join(', ')}. Node ${process.version}, autocannon in a process of its own.`,
      `- ${result.interactions.toLocaleString('en-US')} interactions in SQLite, set up in ${result.setupSeconds.toFixed(0)} s; a student of 64 dimensions, the truncated SVD of a part of them. Users are drawn at random for every request, answers are never kept.`,
      `- The api logs every request and runs as in production; a hello-world route was added to it, so that both pay for the log, the metrics and the checks. The bare one has none of that.`,
      `- Requests per second are the median of three rounds that take turns. The api's share of one core meanwhile: bare ${busy[0]}, hello-world ${busy[1]}, recommend ${busy[2]}. Where it is well below 1 the asking process was the limit, and processor time per request compares better.`,
    ].join('\n'),
    serveTable(measured),
    '## What the event loop had of its core',
    'As Linux counts it for that thread: on a core, and ready to run while others had the cores. Requests waited for the rest of the time, or the asking process did.',
    table(
      ['while', 'on a core', 'waiting for one', 'recommendations/s'],
      [
        loopRow('recommendations', middle(result.recommend)),
        loopRow('the model is swapped every second', result.swaps.run),
        loopRow('before the writes', result.writes.before),
        loopRow('interactions are written', result.writes.during),
        loopRow('after the writes', result.writes.after),
      ],
    ),
    '## Where the time of a recommendation goes',
    'Samples of the processor while recommendations were asked for, by the place of the running function itself: alone, while the model was swapped every second, and while interactions were written.',
    table(['place', 'alone', 'with swaps', 'with writes'], sideBySide('places')),
    table(['function', 'alone', 'with swaps', 'with writes'], sideBySide('functions')),
    // Of the run whose page is checked in; whoever writes it anew reads it anew.
    readFileSync(path.resolve('bench/serve/notes.md'), 'utf8').trimEnd(),
    '',
  ].join('\n\n');
}

function loopRow(name: string, { loopRan, loopWaited, perSecond }: Run): string[] {
  return [name, percent(loopRan), percent(loopWaited), perSecond.toFixed(0)];
}

/** The run in the middle by throughput. */
function middle(runs: readonly Run[]): Run {
  return runs.toSorted((a, b) => a.perSecond - b.perSecond)[runs.length >> 1]!;
}

const perSecond = (run: Run) => `${run.perSecond.toFixed(0)} (${run.cpuMicros.toFixed(0)} us of processor)`;
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const ms = (value: number) => `${value.toFixed(2)} ms`;
const verdict = (isMet: boolean) => (isMet ? 'met' : 'missed');

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
