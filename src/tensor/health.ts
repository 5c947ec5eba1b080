import os from 'node:os';
import type { TrainerHealth } from '../domain/jobs/worker.ts';
import type { Engine } from './engine.ts';

const SIZE = 1024;
const RUNS = 5;
const BUDGET_MS = 500;

/** Measures the machine for a trainer. The first products also warm the device up: a GPU compiles its kernels then. */
export function measureHealth({ tf, report }: Engine): TrainerHealth {
  return {
    backend: report.name,
    requested: report.requested,
    reason: report.reason ?? null,
    tensorflow: report.tensorflow ?? null,
    device: report.device ?? null,
    threads: report.threads,
    memoryMiB: Math.round(os.totalmem() / 2 ** 20),
    matmulMs: timedProduct(tf),
  };
}

/** Median milliseconds of one product of SIZE^3, the result read back. Slow backends are not asked twice. */
function timedProduct(tf: Engine['tf']): number {
  return tf.engine().tidy(() => {
    const square = tf.fill([SIZE, SIZE], 0.5) as ReturnType<typeof tf.tensor2d>;
    const times: number[] = [];
    const begun = performance.now();
    do {
      const started = performance.now();
      tf.sum(tf.matMul(square, square)).dataSync();
      times.push(performance.now() - started);
    } while (times.length <= RUNS && performance.now() - begun < BUDGET_MS);
    const counted = (times.length > 1 ? times.slice(1) : times).sort((a, b) => a - b);
    return counted[counted.length >> 1]!;
  }) as unknown as number;
}
