#!/usr/bin/env node
// @ts-check
// All static checks, then the tests; a failing check never hides the next one. Arguments go to vitest:
//
//   npm test -- test/artifact
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './setup/files.mjs';
import { packageFolder, projectRoot, runtimeFolder } from './setup/paths.mjs';

const vitestReport = join(runtimeFolder, 'vitest.json');
const openapiScript = join(projectRoot, 'dist/bin/openapi.js');
const totals = { passed: 0, failed: 0, skipped: 0 };

mkdirSync(runtimeFolder, { recursive: true });
const buildInfo = join(runtimeFolder, 'typecheck.tsbuildinfo');
check('types', 'typescript/bin/tsc', [
  '-p',
  'tsconfig.json',
  '--incremental',
  '--tsBuildInfoFile',
  buildInfo,
]);
check('lint and format', '@biomejs/biome/bin/biome', ['check', '.']);
check('boundaries', 'dependency-cruiser/bin/dependency-cruise.mjs', [
  '--config',
  '.dependency-cruiser.cjs',
  'src',
]);
check('dead code', 'knip/bin/knip.js', []);
checkOpenapi();
runVitest(process.argv.slice(2));

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/** @param {string} title @param {string} script inside node_modules @param {string[]} args */
function check(title, script, args) {
  const passed = runNode(title, packageFolder(script), args);
  totals[passed ? 'passed' : 'failed']++;
}

function checkOpenapi() {
  const title = 'openapi/openapi.json is what the routes say';
  if (existsSync(openapiScript)) {
    const passed = runNode(title, openapiScript, ['--check']);
    totals[passed ? 'passed' : 'failed']++;
  } else {
    console.log(`\n== ${title}: skipped, there is no dist/bin/openapi.js yet`);
    totals.skipped++;
  }
}

/** @param {string[]} filters */
function runVitest(filters) {
  rmSync(vitestReport, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`];
  const succeeded = runNode('tests', packageFolder('vitest/vitest.mjs'), ['run', ...reporters, ...filters]);
  const counts = countTests(readJson(vitestReport));
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

/** @param {string} title @param {string} script @param {string[]} args @returns {boolean} whether it succeeded */
function runNode(title, script, args) {
  console.log(`\n== ${title}`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: projectRoot, stdio: 'inherit' });
  console.log(
    `== ${title}: ${status === 0 ? 'passed' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
  return status === 0;
}
