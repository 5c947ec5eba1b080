import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { builtFile } from '../../src/core/built-file.ts';

const FOR_THE_PROCESS =
  "import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('in a thread');";
const program = `
  import { startThread } from ${JSON.stringify(builtFile('core/thread.js'))};
  const code = "import { parentPort, workerData } from 'node:worker_threads'; parentPort.postMessage(workerData)";
  startThread(new URL('data:text/javascript,' + encodeURIComponent(code)), 'ok').once('message', console.log);`;

it('starts a thread without what the process loads first', () => {
  const preload = `data:text/javascript,${encodeURIComponent(FOR_THE_PROCESS)}`;
  const args = ['--import', preload, '--input-type=module', '-e', program];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('ok\n');
});

it.runIf(process.platform === 'linux')('starts a patient thread, which lets the process go first', () => {
  const code = `
    import { readFileSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    const nice = (file) => Number(readFileSync(file, 'utf8').split(') ')[1].split(' ')[16]);
    parentPort.postMessage([nice('/proc/thread-self/stat'), nice('/proc/self/stat')]);`;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-thread-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'says.mjs'), code);
  const program = `
    import { startPatientThread } from ${JSON.stringify(builtFile('core/thread.js'))};
    startPatientThread(${JSON.stringify(path.join(folder, 'says.mjs'))}).once('message', (said) => console.log(said.join()));`;
  const args = ['--input-type=module', '-e', program];
  const [ofThread, ofProcess] = execFileSync(process.execPath, args, { encoding: 'utf8' })
    .split(',')
    .map(Number);
  expect(ofThread).toBe(Math.min(19, ofProcess! + 10));
});
