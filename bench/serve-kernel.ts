import os from 'node:os';
import { parseArgs } from 'node:util';
import { quantizeRows } from '../src/artifact/quantize.ts';
import { createRng, type Rng } from '../src/core/rng.ts';
import { createScanKernel } from '../src/serving/kernel.ts';

/**
 * Time of one exact top-10 scan over all items, in microseconds.
 *   node bench/run.mjs serve-kernel [--json] [--runs 2000]
 */
const SHAPES = [
  [1_682, 32],
  [10_000, 64],
  [100_000, 64],
] as const;
const K = 10;
const VECTORS = 64;

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '2000' } },
});
const rng = createRng(1);
const results = SHAPES.map(([items, dimensions]) =>
  measure(items, dimensions, Math.max(300, Math.round((Number(options.runs) * 1_682) / items))),
);
const machine = { cpu: os.cpus()[0]?.model, node: process.version };

if (options.json) {
  console.log(JSON.stringify({ benchmark: 'serve-kernel', k: K, machine, results }));
} else {
  console.log(`exact top-${K}, one core, us per scan (${machine.cpu}, Node ${machine.node})`);
  console.table(results);
}

function measure(items: number, dimensions: number, runs: number) {
  const kernel = createScanKernel(
    quantizeRows(normals(rng, items * dimensions), items, dimensions),
    normals(rng, items),
  );
  const users = Array.from({ length: VECTORS }, () => normals(rng, dimensions));
  const times = new Float64Array(runs);
  for (let run = -Math.ceil(runs / 4); run < runs; run++) {
    const user = users[(run + runs) % VECTORS]!;
    const start = performance.now();
    kernel.topK(user, K);
    if (run >= 0) times[run] = (performance.now() - start) * 1000;
  }
  times.sort();
  const at = (share: number) => Number(times[Math.floor(share * (runs - 1))]!.toFixed(1));
  return { items, dimensions, medianMicroseconds: at(0.5), p99Microseconds: at(0.99), runs };
}

function normals(source: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => source.normal());
}
