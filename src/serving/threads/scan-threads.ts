import type { Worker } from 'node:worker_threads';
import { builtFile } from '../../core/built-file.ts';
import type { Logger } from '../../core/logger.ts';
import { startThread } from '../../core/thread.ts';
import type { FindTop, TopQuery } from '../../scoring/find-top.ts';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import type { PackedMatrix } from '../../scoring/scan/packed-matrix.ts';
import type { TopK } from '../../scoring/scan/top-heap.ts';
import type { FromScanThread, ToScanThread } from './scan-thread.ts';

/** A few threads that scan the large catalogues of all models, so that the event loop goes on meanwhile. */
export interface ScanThreads {
  /** The greatest number of threads; a packed matrix needs a scratch for each, and one more for the process itself. */
  size: number;
  /**
   * @param here the same scan on the event loop, for what no thread answers. Until there is a thread again, all is
   *   answered by it
   */
  open(packed: PackedMatrix, here: (query: TopQuery) => TopK): FindTop;
  close(): Promise<void>;
}

interface Waiting {
  query: TopQuery;
  here: (query: TopQuery) => TopK;
  resolve(top: TopK): void;
  reject(error: unknown): void;
}

interface Thread {
  worker: Worker;
  opened: Set<number>;
  /** Who waits for which answer. */
  waiting: Map<number, Waiting>;
}

/** Pause after a thread has ended before another one starts. */
const PAUSE_MS = 5_000;

interface ThreadOptions {
  size: number;
  logger: Logger;
  file?: string;
  pauseMs?: number;
}

export function createScanThreads(options: ThreadOptions): ScanThreads {
  const pool = createPool(options);
  const maskIds = new WeakMap<RowMask, number>();
  let nextId = 0;
  /** Matrices that nobody holds any more are let go of by the threads, and with them their memory. */
  const forgotten = new FinalizationRegistry<number>((matrix) => {
    for (const thread of pool.running()) {
      if (thread.opened.delete(matrix)) send(thread, { kind: 'close', matrix });
    }
  });

  function idOf(mask: RowMask): number {
    const id = maskIds.get(mask) ?? ++nextId;
    maskIds.set(mask, id);
    return id;
  }

  return {
    size: options.size,

    open(packed, here) {
      const matrix = ++nextId;
      const find: FindTop = (query) => {
        const thread = pool.choose();
        if (!thread) return here(query);
        if (!thread.opened.has(matrix)) send(thread, { kind: 'open', matrix, packed });
        thread.opened.add(matrix);
        const { k, mask } = query;
        // Copies: views would be sent with all the memory that they look into, and are overwritten while we wait.
        const vector = query.vector.slice();
        const leftOut = query.leftOut.map((rows) => Int32Array.from(rows));
        return new Promise<TopK>((resolve, reject) => {
          const id = ++nextId;
          thread.waiting.set(id, { query: { vector, k, leftOut, mask }, here, resolve, reject });
          const allowed = mask && { mask: { id: idOf(mask), allowed: mask.allowed } };
          send(thread, { kind: 'scan', id, matrix, vector, k, leftOut, ...allowed });
        });
      };
      forgotten.register(find, matrix);
      return find;
    },

    close: pool.close,
  };
}

function send({ worker }: Thread, message: ToScanThread): void {
  worker.postMessage(message);
}

/** Threads that start when they are needed and after a pause when one has ended. */
function createPool({
  size,
  logger,
  file = builtFile('serving/threads/scan-thread.js'),
  pauseMs = PAUSE_MS,
}: ThreadOptions) {
  const threads: (Thread | null)[] = new Array(size).fill(null);
  let notBefore = 0;
  let isClosed = false;

  function start(index: number): Thread {
    // Scratch 0 is the process's own.
    const worker = startThread(file, { scratch: index + 1 });
    const thread: Thread = { worker, opened: new Set(), waiting: new Map() };
    threads[index] = thread;
    worker.unref();
    worker.on('message', ({ id, rows, scores }: FromScanThread) => {
      const asked = thread.waiting.get(id);
      thread.waiting.delete(id);
      asked?.resolve({ rows, scores, length: rows.length });
    });
    worker.on('error', (error) => logger.error({ err: error }, 'a scan thread failed'));
    worker.on('exit', () => {
      if (threads[index] === thread) threads[index] = null;
      notBefore = performance.now() + pauseMs;
      if (!isClosed) logger.warn({}, 'a scan thread ended; its scans are done in the event loop');
      answerHere(thread);
    });
    return thread;
  }

  return {
    /** The thread with the least to do; a new one as long as there is room and all others are busy. */
    choose(): Thread | null {
      let best: Thread | null = null;
      let free = -1;
      threads.forEach((thread, index) => {
        if (!thread) free = index;
        else if (!best || thread.waiting.size < best.waiting.size) best = thread;
      });
      const isIdle = (best as Thread | null)?.waiting.size === 0;
      if (isIdle || free < 0 || isClosed || performance.now() < notBefore) return best;
      return start(free);
    },

    running: () => threads.filter((thread) => thread !== null),

    async close(): Promise<void> {
      isClosed = true;
      await Promise.all(threads.map((thread) => thread?.worker.terminate()));
    },
  };
}

/** Answers in the event loop what a thread that has ended did not. */
function answerHere({ waiting }: Thread): void {
  for (const { query, here, resolve, reject } of waiting.values()) {
    try {
      resolve(copyOf(here(query)));
    } catch (error) {
      reject(error);
    }
  }
  waiting.clear();
}

/** An answer from here is a view that the next scan overwrites; who waited reads it later. */
function copyOf({ rows, scores, length }: TopK): TopK {
  return { rows: rows.slice(0, length), scores: scores.slice(0, length), length };
}
