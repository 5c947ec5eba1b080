import os from 'node:os';
import { parseArgs } from 'node:util';
import { measureDiversity } from './serve/diversity.ts';
import { measureFolds } from './serve/fold.ts';
import { measureKernel } from './serve/kernel.ts';

/**
 * Time of a user's vector, summed and solved, and of one exact top-10 scan, in microseconds; of diverse lists, in milliseconds; and how much of the float32 vectors' top-10 int8 keeps.
 *   node bench/run.mjs serve-kernel [--json]
 */
const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const folds = measureFolds();
const diversity = measureDiversity();
const { rows, overlap } = measureKernel();
const machine = { cpu: os.cpus()[0]?.model, node: process.version };

if (options.json) {
  console.log(JSON.stringify({ benchmark: 'serve-kernel', machine, folds, diversity, rows, overlap }));
} else {
  console.log('a user vector, us');
  console.table(folds);
  console.log('a diverse list, ms');
  console.table(diversity);
  console.log(`exact top-10, one core, us per scan (${machine.cpu}, Node ${machine.node})`);
  console.table(rows);
  if (overlap !== null) console.log(`int8 top-10 against float32 top-10: ${overlap.toFixed(4)} mean overlap`);
}
