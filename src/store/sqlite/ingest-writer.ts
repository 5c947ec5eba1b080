import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { builtFile } from '../../core/built-file.ts';
import { messageOf } from '../../core/errors.ts';
import { toError } from '../../core/failure.ts';
import { startThread } from '../../core/thread.ts';
import { buffersOf, type InteractionBatch } from '../batch.ts';
import { unavailable } from './errors.ts';
import type { FromIngestThread, ToIngestThread } from './ingest-messages.ts';

/** Adds interactions in a thread of its own: neither inserting nor waiting for the disk holds the process up. */
export interface IngestWriter {
  /** One call at a time; many rows in several transactions. @returns as insertBatch */
  add(batch: InteractionBatch): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The thread starts with the first call, and again after it has broken. */
export function createIngestWriter(
  file: string,
  code = builtFile('store/sqlite/ingest-thread.js'),
): IngestWriter {
  let thread: Worker | undefined;
  let answer: ((answer: FromIngestThread | Error) => void) | undefined;
  let isClosed = false;

  function start(): Worker {
    const worker = startThread(code, { file });
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

  return {
    async add(batch) {
      if (isClosed) throw unavailable('this process has closed it');
      thread ??= start();
      const worker = thread;
      // The process lives as long as something is to be stored, not as long as there is a thread.
      worker.ref();
      try {
        const got = await new Promise<FromIngestThread | Error>((resolve) => {
          answer = resolve;
          worker.postMessage({ kind: 'add', batch } satisfies ToIngestThread, buffersOf(batch));
        });
        if (got instanceof Error) throw got;
        if ('failure' in got) throw toError(got.failure);
        return got.accepted;
      } finally {
        answer = undefined;
        worker.unref();
      }
    },
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
