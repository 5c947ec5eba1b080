import { createInterface } from 'node:readline';
import { type BackendName, createEngine } from '../../src/tensor/engine.ts';
import { type Network, networks } from './train-networks.ts';

/**
 * One backend in a process of its own. Reads one request per line, {"row", "runs", "warmup"}, and answers with one line,
 * {"ms": [...], "cpu", "loss"}. A row's network lives until another row is asked for.
 */
const backend = process.argv[2] as BackendName;
const threads = Number(process.argv[3]);
const engine = await createEngine({ backend, threads });
console.log(JSON.stringify({ report: engine.report }));

let current: { row: string; network: Network } | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const { row, runs, warmup } = JSON.parse(line) as { row: string; runs: number; warmup: number };
  if (current?.row !== row) {
    current?.network.dispose();
    current = { row, network: networks[row]!(engine) };
  }
  for (let i = 0; i < warmup; i++) current.network.step();
  let loss = 0;
  const ms: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    loss = current.network.step();
    ms.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000 / runs;
  const tensors = engine.numTensors();
  console.log(
    JSON.stringify({ ms, cpu, loss, tensors, rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) }),
  );
}
