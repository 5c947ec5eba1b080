// A thread that solves rows in a memory that it shares with the process. Started by crew.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { type ThreadData, takeParts } from './crew.ts';
import { instantiateRidge } from './kernel.ts';
import type { Work } from './work.ts';

const { memory, width, control, own } = workerData as ThreadData;
const kernel = instantiateRidge(memory, width, own);
const words = new Int32Array(memory.buffer, control, 2);

parentPort!.on('message', (work: Work) => {
  takeParts(kernel, words, work);
  parentPort!.postMessage(null);
});
