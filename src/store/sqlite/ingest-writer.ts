import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { builtFile } from '../../core/built-file.ts';
import { messageOf } from '../../core/errors.ts';
import { toError } from '../../core/failure.ts';
import { startThread } from '../../core/thread.ts';
import { buffersOf, type InteractionBatch } from '../data/batch.ts';
import type { Click, Served } from '../registry/contract.ts';
import { unavailable } from './errors.ts';
import type { FromIngestThread, ToIngestThread } from './ingest-messages.ts';

/**
 * Writes what comes often in a thread of its own: neither inserting nor waiting for the disk holds the process up. One
 * call at a time.
 */
export interface IngestWriter {
  /** Many rows in several transactions. @returns as insertBatch */
  add(batch: InteractionBatch): Promise<Uint8Array>;
  /** Does what ServedStore.record does; `click` likewise. */
  record(served: readonly Served[], limit: number): Promise<void>;
  click(clicks: readonly Click[], at: number): Promise<void>;
  close(): Promise<void>;
}

/** The thread starts with the first call, and again after it has broken. */
export function createIngestWriter(
  file: string,
  code = builtFile('store/sqlite/ingest-thread.js'),
  busyMs?: number,
): IngestWriter {
  let thread: Worker | undefined;
  let answer: ((answer: FromIngestThread | Error) => void) | undefined;
  let isClosed = false;

  function start(): Worker {
    const worker = startThread(code, { file, busyMs });
    const broke = (reason: string) => {
      if (thread !== worker) return;
      thread = undefined;
      answer?.(unavailable(`the thread that writes to it broke (${reason}); try again`));
    };
    worker.on('message', (message: FromIngestThread) => answer?.(message));
    worker.on('error', (error) => broke(messageOf(error)));
    worker.on('exit', (code) => broke(`exit code ${code}`));
    return worker;
  }

  async function call(message: ToIngestThread, memory: ArrayBuffer[] = []): Promise<Uint8Array> {
    if (isClosed) throw unavailable('this process has closed it');
    thread ??= start();
    const worker = thread;
    // The process lives as long as something is to be stored, not as long as there is a thread.
    worker.ref();
    try {
      const got = await new Promise<FromIngestThread | Error>((resolve) => {
        answer = resolve;
        worker.postMessage(message, memory);
      });
      if (got instanceof Error) throw got;
      if ('failure' in got) throw toError(got.failure);
      return got.accepted;
    } finally {
      answer = undefined;
      worker.unref();
    }
  }

  return {
    add: (batch) => call({ kind: 'add', batch }, buffersOf(batch)),
    record: async (served, limit) =>
      void (await call({ kind: 'record', served: JSON.stringify(served), limit })),
    click: async (clicks, at) => void (await call({ kind: 'click', clicks, at })),
    async close() {
      isClosed = true;
      const worker = thread;
      if (!worker) return;
      const ended = once(worker, 'exit');
      worker.ref();
      worker.postMessage({ kind: 'close' } satisfies ToIngestThread);
      await ended;
    },
  };
}
