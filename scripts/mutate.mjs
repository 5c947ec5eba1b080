#!/usr/bin/env node
// @ts-check
// Changes one thing at a time in a part of src and looks whether a test fails. A change that no test notices shows where a
// test is missing.
//
//   npm run mutate -- FOLDER [--tests=GLOB]... [--force]
//
// FOLDER   below src, such as serving/filter; a single file, such as store/models.ts, will do
// --tests  the tests that have to notice; may be given several times. Default: those at the same place below test, and where
//          there are none, those of the nearest folder above
// --force  tries every change again, not only those whose code or tests are others than the last time
//
// The report is .runtime/mutation/FOLDER/index.html. What tests start as a process or a thread runs from dist/, where nothing is
// changed: only tests that call the code directly count.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { projectRoot } from './setup/paths.mjs';

const { folder, tests, force } = readArguments();
const reports = join('.runtime/mutation', folder);
process.chdir(projectRoot);
console.log(`Mutants of src/${folder}, tests ${tests.join(' ')}`);
// For test/mutants.config.ts. Stryker's own option for this leaves changes untried that work while a module is loaded.
process.env.MUTANTS_TESTS = tests.join(' ');
const mutants = await new Stryker({
  mutate: [isFile(join('src', folder)) ? `src/${folder}` : `src/${folder}/**/*.ts`],
  force,
  incremental: true,
  incrementalFile: join(reports, 'incremental.json'),
  htmlReporter: { fileName: join(reports, 'index.html') },
  jsonReporter: { fileName: join(reports, 'mutation.json') },
}).runMutationTest();
console.log(`${mutants.length} mutants; report: ${join(reports, 'index.html')}`);

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { tests: { type: 'string', multiple: true }, force: { type: 'boolean', default: false } },
  });
  const folder = positionals[0]?.replace(/^(\.\/)?src\//, '').replace(/\/+$/, '');
  if (positionals.length !== 1 || !folder)
    fail('Which part of src? For example: npm run mutate -- serving/filter');
  if (!existsSync(join(projectRoot, 'src', folder))) fail(`There is no src/${folder}.`);
  return { folder, tests: values.tests ?? testsOf(folder.replace(/\.ts$/, '')), force: values.force };
}

/** Globs of the tests that mirror a place in src. @param {string} place @returns {string[]} */
function testsOf(place) {
  const found = [`test/${place}.test.ts`, `test/${place}`]
    .filter((name) => existsSync(join(projectRoot, name)))
    .map((name) => (name.endsWith('.ts') ? name : `${name}/**/*.test.ts`));
  return found.length > 0 || place === '.' ? found : testsOf(dirname(place));
}

/** @param {string} name */
function isFile(name) {
  return statSync(join(projectRoot, name)).isFile();
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
