import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { provideChromium } from '../../scripts/setup/chromium.mjs';
import { type ConsoleBench, type Suite, startBench } from './bench.ts';
import { frame } from './frame.ts';
// Judgement and rollout.
import { compare } from './pages/compare.ts';
import { data } from './pages/data.ts';
import { jobs } from './pages/jobs.ts';
import { newJob } from './pages/new-job.ts';
import { operate } from './pages/operate.ts';
import { overview } from './pages/overview.ts';
import { report } from './pages/report.ts';
import { rollout } from './pages/rollout.ts';
import { tryIt } from './pages/try-it.ts';

// The frame comes first: where it fails, so do all pages. Overview and Operate look at what later ones change.
const SUITES: readonly Suite[] = [
  frame,
  overview,
  operate,

  data,
  newJob,
  jobs,

  // Judgement and rollout.
  report,
  compare,
  tryIt,
  rollout,
];

const none = await provideChromium().then(
  () => null,
  (error: Error) => error.message,
);

describe.skipIf(none)(`the console${none === null ? '' : `: NOT RUN, no browser: ${none}`}`, () => {
  let bench: ConsoleBench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench?.close());
  afterEach(() => {
    expect(bench.faults.take()).toEqual([]);
  });

  for (const { page, tests } of SUITES) describe(page, () => tests(() => bench));
});

// Such as a file of this folder that nobody would run.
it('has a suite for each of its pages', async () => {
  const { readFileSync } = await import('node:fs');
  const listed = readFileSync('src/console/pages.ts', 'utf8').matchAll(/path: '([^']+)'/g);
  expect(SUITES.map(({ page }) => page)).toEqual(expect.arrayContaining([...listed].map(([, path]) => path)));
});
