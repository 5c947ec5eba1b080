import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { builtFile } from '../../core/built-file.ts';
import { startThread } from '../../core/thread.ts';
import { compileRidge, instantiateRidge, scratchBytes } from './kernel.ts';
import { partsOf, runPart, type Work } from './work.ts';

/** Those who do a work: threads that share the memory, or the process itself. */
export interface Crew {
  /**
   * Resolves when all parts are done. `step` is called about ten times a second with the share that is done; what it throws ends
   * the work within a few milliseconds.
   */
  run(work: Work, step: (share: number) => Promise<void> | void): Promise<void>;
  close(): Promise<void>;
}

export interface CrewMemory {
  memory: WebAssembly.Memory;
  /** Floats of a row. */
  width: number;
  /** Place of CONTROL_BYTES bytes. */
  control: number;
  /** Place of scratchBytes(width) bytes for each member. */
  scratch: number;
}

/** The data that a thread is started with. */
export type ThreadData = CrewMemory & { code: WebAssembly.Module; own: number };

export const CONTROL_BYTES = 64;
/** Places of the control words: the next part to do, and whether to stop. */
const NEXT = 0;
const STOP = 1;

const STEP_MS = 100;

/** @param threads none: the process itself works, with pauses for its events */
export function createCrew(shared: CrewMemory, threads: number): Crew {
  return threads > 0 ? threaded(shared, threads) : alone(shared);
}

function alone({ memory, width, scratch }: CrewMemory): Crew {
  const kernel = instantiateRidge(memory, width, scratch);
  return {
    async run(work, step) {
      const parts = partsOf(work);
      let next = performance.now() + STEP_MS;
      for (let part = 0; part < parts; part++) {
        runPart(kernel, work, part);
        if (performance.now() < next) continue;
        await step((part + 1) / parts);
        await nextTurn();
        next = performance.now() + STEP_MS;
      }
    },
    close: async () => {},
  };
}

function threaded(shared: CrewMemory, threads: number): Crew {
  const control = new Int32Array(shared.memory.buffer, shared.control, 2);
  const workers = Array.from({ length: threads }, (_, i) => {
    const own = shared.scratch + i * scratchBytes(shared.width);
    const data: ThreadData = { ...shared, code: compileRidge(), own };
    const worker = startThread(builtFile('tensor/ridge/crew-thread.js'), data);
    worker.unref();
    return worker;
  });
  const failed = new Promise<never>((_, reject) => {
    for (const worker of workers) {
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('a thread that solves rows ended')));
    }
  });
  // Somebody waits for it only while there is work.
  failed.catch(() => {});
  return {
    async run(work, step) {
      control.fill(0);
      const parts = partsOf(work);
      const all = Promise.all(workers.map((worker) => doneBy(worker, work)));
      let isDone = false;
      const finished = all.then(() => {
        isDone = true;
      });
      try {
        for (;;) {
          await waitFor(Promise.race([finished, failed]), STEP_MS);
          if (isDone) return;
          await step(Math.min(1, Atomics.load(control, NEXT) / parts));
        }
      } catch (error) {
        Atomics.store(control, STOP, 1);
        await Promise.race([finished, failed]).catch(() => {});
        throw error;
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function doneBy(worker: Worker, work: Work): Promise<void> {
  worker.ref();
  return new Promise((resolve) => {
    worker.once('message', () => {
      worker.unref();
      resolve();
    });
    worker.postMessage(work);
  });
}

/** Waits until it is settled, or for so long. */
async function waitFor(promise: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController();
  try {
    await Promise.race([promise, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  } finally {
    timer.abort();
  }
}

/** Does parts of the work until none is left or somebody says stop. */
export function takeParts(kernel: Parameters<typeof runPart>[0], control: Int32Array, work: Work): void {
  const parts = partsOf(work);
  while (Atomics.load(control, STOP) === 0) {
    const part = Atomics.add(control, NEXT, 1);
    if (part >= parts) return;
    runPart(kernel, work, part);
  }
}
