import type { ArtifactStore } from '../../artifact/store.ts';
import { builtFile } from '../../core/built-file.ts';
import { failureOf, toError } from '../../core/failure.ts';
import { runInSlices, type Sliced } from '../../core/slices.ts';
import { startThread } from '../../core/thread.ts';
import type { PreparedStudent } from '../prepare-student.ts';
import { indexRows } from '../row-index.ts';
import type { EncodedIds, FromLoadThread, ToLoadThread } from './load-messages.ts';

type Loaded = Extract<FromLoadThread, { kind: 'loaded' }>;

/**
 * prepareStudent for large catalogues: hashing, parsing, packing and trying happen in a thread of their own, whose
 * memory is handed over. Only the ids become text here, in slices.
 * @throws as prepareStudent, and a plain Error when the thread itself ends early
 */
export async function prepareInThread(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
  scratches: number,
): Promise<PreparedStudent> {
  const { manifest, weights, packed, ids } = await runThread(artifacts, key, scratches);
  const items = await runInSlices(decode(ids));
  return { manifest, weights, items, rowOf: await runInSlices(indexRows(items)), packed };
}

function runThread(artifacts: Pick<ArtifactStore, 'get'>, key: string, scratches: number): Promise<Loaded> {
  const worker = startThread(builtFile('serving/threads/load-thread.js'), { key, scratches });
  const answer = async (file: string): Promise<void> => {
    const message: ToLoadThread = await artifacts.get(file).then(
      (bytes) => ({ bytes }),
      (error) => ({ failure: failureOf(error) }),
    );
    worker.postMessage(message, 'bytes' in message ? ownedBuffer(message.bytes) : []);
  };
  return new Promise<Loaded>((resolve, reject) => {
    worker.on('message', (message: FromLoadThread) => {
      if (message.kind === 'get') void answer(message.key);
      else if (message.kind === 'failed') reject(toError(message.failure));
      else resolve(message);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the thread that loads ${key} ended with ${code}`)));
  });
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
