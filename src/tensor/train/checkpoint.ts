import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { problem } from '../../core/errors.ts';
import type { TrainingState } from './fit.ts';

const MAGIC = 'STILLHOUSE-CHECKPOINT-1\n';
const DIGEST_BYTES = 32;

/** Written and read in one process family on one machine: little-endian, like every platform TensorFlow runs on. */
interface ArrayEntry {
  path: string;
  /** In bytes, from the start of the data. */
  offset: number;
  length: number;
}

interface Header {
  state: unknown;
  arrays: ArrayEntry[];
}

/**
 * Writes a checkpoint so that the file under `path` is at any moment either the old one or the new one in full:
 * temporary name, fsync, rename, fsync of the folder.
 *
 * @param identity anything that must match on reading, such as a hash of the job's settings
 */
export async function writeCheckpoint(path: string, state: unknown, identity = ''): Promise<void> {
  const arrays: ArrayEntry[] = [];
  const chunks: Buffer[] = [];
  let offset = 0;
  const plain = JSON.stringify({ identity, state }, function replace(this: unknown, key, value: unknown) {
    if (value instanceof Float32Array) {
      arrays.push({ path: key, offset, length: value.length });
      chunks.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      offset += value.byteLength;
      return { $array: arrays.length - 1 };
    }
    return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
  });
  const header: Header = { state: JSON.parse(plain), arrays };
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const body = [Buffer.from(MAGIC), size, text, ...chunks];
  const digest = createHash('sha256');
  for (const chunk of body) digest.update(chunk);
  await replaceFile(path, [...body, digest.digest()]);
}

/**
 * Reads a checkpoint; undefined when there is none.
 *
 * @throws invalid-artifact: truncated, damaged, or written for another identity
 */
export async function readCheckpoint(path: string, identity = ''): Promise<TrainingState | undefined> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const refuse = (why: string) => problem('invalid-artifact', `the checkpoint ${path} is not usable: ${why}`);
  const start = MAGIC.length + 8;
  if (file.length < start + DIGEST_BYTES) throw refuse(`truncated, only ${file.length} bytes`);
  if (file.subarray(0, MAGIC.length).toString() !== MAGIC) throw refuse('not a checkpoint of this version');
  const body = file.subarray(0, file.length - DIGEST_BYTES);
  const headerBytes = Number(file.readBigUInt64LE(MAGIC.length));
  if (start + headerBytes > body.length) throw refuse('truncated within its header');
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(file.subarray(body.length)))
    throw refuse('truncated or damaged, the checksum does not match');
  const header = JSON.parse(body.subarray(start, start + headerBytes).toString()) as Header;
  const data = body.subarray(start + headerBytes);
  const revived = revive(header, data) as { identity: string; state: TrainingState };
  if (revived.identity !== identity) throw refuse('it belongs to another job or other settings');
  return revived.state;
}

function revive({ state, arrays }: Header, data: Buffer): unknown {
  return JSON.parse(JSON.stringify(state), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    if (!('$array' in value)) return value;
    const { offset, length } = arrays[value.$array as number]!;
    // A copy: the position in the file need not be a multiple of four.
    const bytes = new Uint8Array(data.subarray(offset, offset + length * 4));
    return new Float32Array(bytes.buffer, 0, length);
  });
}

async function replaceFile(path: string, chunks: readonly Buffer[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
