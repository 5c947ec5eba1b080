import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { peek } from '../../../src/ingest/peek.ts';
import { decompress, MAGIC_BYTES } from '../../../src/ingest/unpack/decompress.ts';

const MIB = 1024 * 1024;
const BLOCK_BYTES = 128 * 1024;
/** Kinds of blocks of a zstd frame: one byte that is repeated, and a kind that there is not. */
const [REPEATED, RESERVED] = [1, 3];

const block = (kind: number, isLast = false, bytes = BLOCK_BYTES) => {
  const header = Buffer.alloc(3);
  header.writeUIntLE((bytes << 3) | (kind << 1) | Number(isLast), 0, 3);
  return Buffer.concat([header, Buffer.from('\n')]);
};
/** Four bytes for each 128 KiB of line ends, after the magic number and a window of 128 KiB. */
const zstd = (blocks: Buffer[]) => Buffer.concat([Buffer.from('28b52ffd0038', 'hex'), ...blocks]);

/** Unpacks as an import does; counts what comes out before an error. */
async function unpack(packed: Buffer, cutAt = packed.length) {
  const parts = [packed.subarray(0, cutAt), packed.subarray(cutAt)].filter(({ length }) => length > 0);
  const { first, rest } = await peek(Readable.from(parts), MAGIC_BYTES);
  let bytes = 0;
  let error: unknown;
  try {
    for await (const chunk of decompress(first, Readable.from(rest), { name: '', format: 'csv' }))
      bytes += chunk.length;
  } catch (thrown) {
    error = thrown;
  }
  return { bytes, error };
}

const TOO_MUCH = {
  code: 'invalid-csv',
  detail: expect.stringMatching(/more than 500 times its size/),
};

describe('what unpacks to far more than its size is refused before it fills the disk', () => {
  it('as gzip', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB, '\n'), { level: 9 });
    const { bytes, error } = await unpack(bomb, 70_000);
    expect(error).toMatchObject(TOO_MUCH);
    expect(bytes).toBeLessThan(70 * MIB);
  });

  it('as zstd, of which three kilobytes are enough', async () => {
    const bomb = zstd([...Array(749).fill(block(REPEATED)), block(REPEATED, true)]);
    expect(bomb.length).toBeLessThan(3 * 1024);
    const { bytes, error } = await unpack(bomb);
    expect(error).toMatchObject(TOO_MUCH);
    expect(bytes).toBeLessThan(70 * MIB);
  });

  it('as zstd before the rest of it fills the memory: what comes later is not even looked at', async () => {
    const bomb = zstd([...Array(520).fill(block(REPEATED)), block(RESERVED, true, 1)]);
    expect((await unpack(bomb)).error).toMatchObject(TOO_MUCH);
  });
});

it('as much as a table may well unpack to is let through', async () => {
  const large = zstd([...Array(511).fill(block(REPEATED)), block(REPEATED, true)]);
  expect(await unpack(large)).toEqual({ bytes: 64 * MIB, error: undefined });
});
