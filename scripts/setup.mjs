#!/usr/bin/env node
// @ts-check
// Makes a fresh checkout ready to run, and costs next to nothing when it already is.
//
//   node scripts/setup.mjs [--only=packages,sqlite,tensor,redis,build,kernel] [--gpu | --no-gpu] [--retry]
//
// --only   these steps alone, for images that are built in stages
// --gpu    TensorFlow with CUDA 12 (or STILLHOUSE_GPU=1); later runs keep it until --no-gpu
// --retry  try again to get native TensorFlow when an earlier run went on without it
import { parseArgs } from 'node:util';
import { buildStep } from './setup/build.mjs';
import { kernelStep } from './setup/kernel.mjs';
import { packagesStep } from './setup/packages.mjs';
import { requireNode } from './setup/prerequisites.mjs';
import { SetupProblem } from './setup/problem.mjs';
import { redisStep } from './setup/redis.mjs';
import { sqliteStep } from './setup/sqlite.mjs';
import { readState, saveState, whileLocked } from './setup/state.mjs';
import { tensorStep } from './setup/tensorflow.mjs';

/** @typedef {import('./setup/step.mjs').Step} Step */
/** @typedef {import('./setup/step.mjs').Context} Context */

// A stage needs what the stages before it made; the steps of one stage run side by side.
const stages = [[packagesStep], [tensorStep, sqliteStep, redisStep, buildStep, kernelStep]];

const started = Date.now();
try {
  requireNode();
  await setUp();
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  console.error(`Set-up stopped. ${error.message}`);
  process.exitCode = 1;
}

async function setUp() {
  const options = readOptions();
  const selected = stages.map((stage) => stage.filter(({ name }) => options.only?.includes(name) ?? true));
  if (isAllDone(selected, contextOf(options))) return reportUnchanged();
  await whileLocked(async () => {
    const context = contextOf(options);
    for (const stage of selected) await runStage(stage, context);
  }, print);
  print(`Set-up finished in ${seconds(started)}.`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      gpu: { type: 'boolean' },
      retry: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  const only = values.only?.split(',');
  const known = stages.flat().map(({ name }) => name);
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown) throw new SetupProblem(`--only knows ${known.join(', ')}; it does not know ${unknown}.`);
  const gpu = values.gpu ?? (process.env.STILLHOUSE_GPU === '1' ? true : undefined);
  return { only, gpu, retry: values.retry };
}

/** @param {{ gpu: boolean | undefined, retry: boolean | undefined }} options @returns {Context} */
function contextOf({ gpu, retry }) {
  return { state: readState(), env: process.env, gpu, retry: retry ?? false };
}

/** @param {Step[][]} selected @param {Context} context */
function isAllDone(selected, context) {
  return selected.flat().every((step) => step.isDone(context));
}

/**
 * A step that fails lets the others finish, so that their work is not lost.
 * @param {Step[]} stage @param {Context} context
 */
async function runStage(stage, context) {
  const outcomes = await Promise.allSettled(stage.map((step) => runStep(step, context)));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const unexpected = failures.find((failure) => !(failure instanceof SetupProblem));
  if (unexpected) throw unexpected;
  if (failures.length > 0) throw new SetupProblem(failures.map(({ message }) => message).join('\n'));
}

/** @param {Step} step @param {Context} context */
async function runStep(step, context) {
  if (step.isDone(context)) return;
  const stepStarted = Date.now();
  const note = await step.run(context);
  await saveState(context.state);
  print(`${step.name.padEnd(9)} ${note} (${seconds(stepStarted)})`);
}

function reportUnchanged() {
  const { backend, reason } = readState().tensor;
  const training = backend === 'wasm' ? ` Training uses WebAssembly: ${reason}` : '';
  print(`Set-up: nothing changed (${seconds(started)}).${training}`);
}

/** @param {string} line */
function print(line) {
  console.log(line);
}

/** @param {number} since */
function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
