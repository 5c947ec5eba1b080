#!/usr/bin/env node
// @ts-check
// All static checks side by side, then the tests; a failing check never hides another. Arguments go to vitest:
//
//   npm test -- test/artifact
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { provideChromium } from './setup/chromium.mjs';
import { readJson } from './setup/files.mjs';
import { provideKafka } from './setup/kafka.mjs';
import { packageFolder, projectRoot, runtimeFolder } from './setup/paths.mjs';
import { providePostgres } from './setup/postgres.mjs';
import { provideS3Server } from './setup/s3.mjs';

const vitestReport = join(runtimeFolder, 'vitest.json');
const totals = { passed: 0, failed: 0, skipped: 0 };

mkdirSync(runtimeFolder, { recursive: true });
// Built beside the checks, the first time.
const [s3, kafka] = [whyNoS3(), whyNoKafka()];
const buildInfo = join(runtimeFolder, 'typecheck.tsbuildinfo');
const checks = [
  check('types', 'typescript-native/bin/tsc', [
    '-p',
    'tsconfig.json',
    '--incremental',
    '--tsBuildInfoFile',
    buildInfo,
  ]),
  check('types of the console', 'typescript-native/bin/tsc', ['-p', 'src/console']),
  check("types of the console's tests", 'typescript-native/bin/tsc', ['-p', 'test/console']),
  check('lint and format', '@biomejs/biome/bin/biome', ['check', '.']),
  check('boundaries', 'dependency-cruiser/bin/dependency-cruise.mjs', [
    '--config',
    '.dependency-cruiser.cjs',
    'src',
  ]),
  check('dead code', 'knip/bin/knip.js', []),
  runAside('openapi/openapi.json is what the routes say', join(projectRoot, 'dist/bin/openapi.js'), [
    '--check',
  ]),
];
const audit = runAside('known vulnerabilities', join(projectRoot, 'scripts/audit.mjs'), []);
for (const { title, ended } of checks) {
  const { passed, output, seconds } = await ended;
  console.log(`\n== ${title}\n${output.trimEnd()}${output && '\n'}${verdict(title, passed, seconds)}`);
  count(passed);
}
const withoutPostgres = await noPostgres();
const [withoutS3, withoutKafka, withoutBrowser] = [await s3, await kafka, await noBrowser()];
const audited = await audit.ended;
if (audited.status === 1) count(false);
runVitest(process.argv.slice(2));

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
if (withoutPostgres) console.log(`\nNOT TESTED: the database engine PostgreSQL. ${withoutPostgres}`);
for (const said of [withoutS3, withoutKafka]) if (said) console.log(`\n${said}`);
if (withoutBrowser) console.log(`\nNOT TESTED: the pages of the console. ${withoutBrowser}`);
if (audited.status !== 0) console.log(`\n${audited.output.trim()}`);
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/** Why the tests on PostgreSQL cannot run. In CI that is a failure. @returns {Promise<string | null>} */
async function noPostgres() {
  try {
    await providePostgres();
    return null;
  } catch (error) {
    if (process.env.CI) totals.failed++;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Why no page can be driven. In CI that is a failure. @returns {Promise<string | null>} */
async function noBrowser() {
  try {
    await provideChromium();
    return null;
  } catch (error) {
    if (process.env.CI) totals.failed++;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Says what is not tested of the object store, and why. In CI no server at all is a failure. @returns {Promise<string | null>} */
async function whyNoS3() {
  try {
    const { why } = await provideS3Server();
    return why ? `TESTED ON A DOUBLE ONLY: the object store, on moto's server. ${why}` : null;
  } catch (error) {
    if (process.env.CI) totals.failed++;
    return `NOT TESTED: the object store on S3. ${error instanceof Error ? error.message : error}`;
  }
}

/** Says why `stillhouse consume` was not tested on a broker. In CI that is a failure. @returns {Promise<string | null>} */
async function whyNoKafka() {
  try {
    await provideKafka();
    return null;
  } catch (error) {
    if (process.env.CI) totals.failed++;
    return `NOT TESTED: the consumer of Kafka on a broker. ${error instanceof Error ? error.message : error}`;
  }
}

/** @param {string} title @param {string} script inside node_modules @param {string[]} args */
function check(title, script, args) {
  return runAside(title, packageFolder(script), args);
}

/**
 * Starts a script whose output waits until it is asked for.
 * @param {string} title @param {string} script @param {string[]} args
 */
function runAside(title, script, args) {
  const started = Date.now();
  const child = spawn(process.execPath, [script, ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  /** @type {Promise<{ passed: boolean, status: number | null, output: string, seconds: number }>} */
  const ended = new Promise((resolve) => {
    child.once('close', (status) =>
      resolve({ passed: status === 0, status, output, seconds: (Date.now() - started) / 1000 }),
    );
  });
  return { title, ended };
}

/** @param {boolean} passed */
function count(passed) {
  totals[passed ? 'passed' : 'failed']++;
}

/** @param {string[]} filters */
function runVitest(filters) {
  rmSync(vitestReport, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`];
  const succeeded = runNode('tests', packageFolder('vitest/vitest.mjs'), ['run', ...reporters, ...filters]);
  const report = readJson(vitestReport);
  const counts = countTests(report);
  if (report) sayWhatWasSkipped(report);
  // Vitest also fails on an error outside of all tests, and may die before it writes the report.
  if (!succeeded && counts.failed === 0) counts.failed = 1;
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
}

/** @param {any} report */
function countTests(report) {
  if (!report) return { passed: 0, failed: 0, skipped: 0 };
  // A file that could not be loaded has no tests to count.
  const broken = report.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === 'failed' &&
      !file.assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Vitest itself keeps quiet about them. Whoever skips a test writes the reason into its title. @param {any} report */
function sayWhatWasSkipped(report) {
  for (const file of report.testResults) {
    const skipped = file.assertionResults.filter((/** @type {any} */ test) => test.status === 'skipped');
    const titles = skipped.map((/** @type {any} */ test) => test.ancestorTitles[0] || test.title);
    for (const title of new Set(titles)) {
      const tests = skipped.filter(
        (/** @type {any} */ test) => (test.ancestorTitles[0] || test.title) === title,
      );
      const what = tests.length > 1 ? `${tests.length} tests: ${title}` : tests[0].fullName;
      console.log(`skipped in ${relative(projectRoot, file.name)}: ${what}`);
    }
  }
}

/** @param {string} title @param {string} script @param {string[]} args @returns {boolean} whether it succeeded */
function runNode(title, script, args) {
  console.log(`\n== ${title}`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: projectRoot, stdio: 'inherit' });
  console.log(verdict(title, status === 0, (Date.now() - started) / 1000));
  return status === 0;
}

/** @param {string} title @param {boolean} passed @param {number} seconds */
function verdict(title, passed, seconds) {
  return `== ${title}: ${passed ? 'passed' : 'FAILED'} (${seconds.toFixed(1)} s)`;
}
