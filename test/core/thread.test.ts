import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
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
