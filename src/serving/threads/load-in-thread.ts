import type { Worker } from 'node:worker_threads';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { builtFile } from '../../core/built-file.ts';
import { messageOf } from '../../core/errors.ts';
import { failureOf, toError } from '../../core/failure.ts';
import { runInSlices, type Sliced } from '../../core/slices.ts';
import { startPatientThread } from '../../core/thread.ts';
import { indexRows } from '../../scoring/row-index.ts';
import type { EncodedIds, FromLoadThread, ToLoadThread } from './load-messages.ts';
import type { PreparedStudent } from './prepare-student.ts';

type Loaded = Extract<FromLoadThread, { kind: 'loaded' }>;
type Artifacts = Pick<ArtifactStore, 'get'>;

/**
 * prepareStudent beside the event loop: hashing, parsing, packing and trying happen in a thread, whose memory is handed
 * over. Only the ids become text here, in slices.
 * @throws as prepareStudent, and a plain Error when the thread itself ends early
 */
export type PrepareInThread = (
  artifacts: Artifacts,
  key: string,
  scratches: number,
) => Promise<PreparedStudent>;

/** Reading its modules costs a thread more than a small artifact does, so it waits so long for another one. */
const IDLE_MS = 10_000;

export function createLoadThreads(idleMs = IDLE_MS): PrepareInThread {
  /** Loads that run at the same time have a thread each; one of them is kept. */
  let kept: { thread: LoadThread; timer: NodeJS.Timeout } | null = null;

  function take(): LoadThread {
    const thread = kept?.thread;
    clearTimeout(kept?.timer);
    kept = null;
    return thread?.isAlive() ? thread : startLoadThread();
  }

  function putBack(thread: LoadThread): void {
    if (kept) {
      thread.end();
      return;
    }
    const timer = setTimeout(() => {
      kept = null;
      thread.end();
    }, idleMs).unref();
    kept = { thread, timer };
  }

  return async (artifacts, key, scratches) => {
    const thread = take();
    const loading = thread.load(artifacts, key, scratches).finally(() => putBack(thread));
    const { manifest, weights, packed, ids } = await loading;
    const items = await runInSlices(decode(ids));
    return { manifest, weights, items, rowOf: await runInSlices(indexRows(items)), packed };
  };
}

interface LoadThread {
  load(artifacts: Artifacts, key: string, scratches: number): Promise<Loaded>;
  isAlive(): boolean;
  end(): void;
}

function startLoadThread(): LoadThread {
  const worker = startPatientThread(builtFile('serving/threads/load-thread.js'));
  let isAlive = true;
  let hear: ((message: FromLoadThread | Error) => void) | undefined;
  const ended = (reason: string) => {
    isAlive = false;
    hear?.(new Error(`the thread that loads models ended: ${reason}`));
  };
  worker.on('message', (message: FromLoadThread) => hear?.(message));
  worker.on('error', (error) => ended(messageOf(error)));
  worker.on('exit', (code) => ended(`exit code ${code}`));
  return {
    isAlive: () => isAlive,
    end: () => void worker.terminate(),
    async load(artifacts, key, scratches) {
      // The process lives as long as something is loaded, not as long as there is a thread.
      worker.ref();
      try {
        return await new Promise<Loaded>((resolve, reject) => {
          hear = (message) => {
            if (message instanceof Error) reject(message);
            else if (message.kind === 'get') void sendFile(worker, artifacts, message.key);
            else if (message.kind === 'failed') reject(toError(message.failure));
            else resolve(message);
          };
          worker.postMessage({ kind: 'load', key, scratches } satisfies ToLoadThread);
        });
      } finally {
        hear = undefined;
        worker.unref();
      }
    },
  };
}

async function sendFile(worker: Worker, artifacts: Artifacts, key: string): Promise<void> {
  const message: ToLoadThread = await artifacts.get(key).then(
    (bytes) => ({ kind: 'file', bytes }),
    (error) => ({ kind: 'no file', failure: failureOf(error) }),
  );
  worker.postMessage(message, 'bytes' in message ? ownedBuffer(message.bytes) : []);
}

/** Small files may lie in a memory that others use too: those are copied. */
function ownedBuffer({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

function* decode({ bytes, ends }: EncodedIds): Sliced<string[]> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const items: string[] = [];
  let start = 0;
  for (const end of ends) {
    items.push(text.toString('utf8', start, end));
    start = end;
    if (items.length % 1024 === 0) yield;
  }
  return items;
}
