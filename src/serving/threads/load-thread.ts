// A thread that reads artifacts, packs and tries them, one at a time. Started by load-in-thread.ts.
import { parentPort } from 'node:worker_threads';
import { loadStudent } from '../../artifact/student/load.ts';
import { failureOf, toError } from '../../core/failure.ts';
import { runAtOnce } from '../../core/slices.ts';
import type { EncodedIds, FromLoadThread, ToLoadThread } from './load-messages.ts';
import { packAndTry } from './prepare-student.ts';

const process = parentPort!;
let takeFile: ((answer: ToLoadThread) => void) | undefined;

process.on('message', (message: ToLoadThread) => {
  if (message.kind === 'load') void load(message.key, message.scratches);
  else takeFile?.(message);
});

async function load(key: string, scratches: number): Promise<void> {
  try {
    const student = await loadStudent({ get: askProcess }, key);
    const { manifest, weights, items, packed } = runAtOnce(packAndTry(student, scratches));
    const ids = encode(items);
    const loaded: FromLoadThread = { kind: 'loaded', manifest, weights, packed, ids };
    process.postMessage(loaded, buffersOf([weights, packed.popularityOrder, ids]));
  } catch (error) {
    process.postMessage({ kind: 'failed', failure: failureOf(error) } satisfies FromLoadThread);
  }
}

/** The process has the store; files are asked for one at a time. */
function askProcess(file: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    takeFile = (answer) => {
      if (answer.kind === 'no file') reject(toError(answer.failure));
      if (answer.kind !== 'file') return;
      const { buffer, byteOffset, byteLength } = answer.bytes;
      resolve(Buffer.from(buffer, byteOffset, byteLength));
    };
    process.postMessage({ kind: 'get', key: file } satisfies FromLoadThread);
  });
}

function encode(items: readonly string[]): EncodedIds {
  const ends = new Uint32Array(items.length);
  let end = 0;
  for (const [row, id] of items.entries()) {
    end += Buffer.byteLength(id);
    ends[row] = end;
  }
  return { bytes: new TextEncoder().encode(items.join('')), ends };
}

/** Every memory in there that can be handed over instead of copied, once. */
function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) buffersOf(part, found);
  }
  return [...found];
}
