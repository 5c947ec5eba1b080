import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { decompress } from '../../../src/ingest/unpack/decompress.ts';
import { createFrameCheck } from '../../../src/ingest/unpack/zstd-frames.ts';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** A frame of one raw block. @param window its descriptor: 2^(10 + window / 8) bytes */
function frame(text: string, window: number, { checksum = false } = {}): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((Buffer.byteLength(text) << 3) | 1, 0, 3);
  const end = checksum ? [1, 2, 3, 4] : [];
  return Buffer.from([...MAGIC, checksum ? 4 : 0, window, ...block, ...Buffer.from(text), ...end]);
}

/** A frame that is one segment, as large as it says. */
function segment(bytes: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes));
  return Buffer.from([...MAGIC, 0xe0, ...size]);
}

const WIDEST = (27 - 10) << 3;
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);

async function unpack(bytes: Buffer): Promise<string> {
  const parts: Uint8Array[] = [];
  const file = { name: 'rows.csv.zst', format: 'csv' as const };
  for await (const part of decompress(bytes.subarray(0, 4), Readable.from([bytes]), file)) parts.push(part);
  return Buffer.concat(parts).toString();
}

it('ten bytes that ask for a window of gigabytes are refused before it is set aside', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const bomb = Buffer.from([...MAGIC, 0, (30 - 10) << 3, 0, 0, 0, 0]);
  await expect(unpack(bomb)).rejects.toMatchObject({
    code: 'invalid-csv',
    detail: expect.stringContaining('needs a window of 1024 MiB, and 128 MiB is the most'),
  });
  await expect(unpack(Buffer.concat([segment(2 ** 31), Buffer.alloc(20)]))).rejects.toMatchObject({
    code: 'invalid-csv',
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 2 ** 20);
});

it('so are later frames, whatever pieces they come in', () => {
  const file = Buffer.concat([
    frame('one', 0, { checksum: true }),
    skippable,
    frame('two', WIDEST),
    frame('three', WIDEST + 1),
  ]);
  for (const size of [1, 2, 7, file.length]) {
    const check = createFrameCheck();
    const pieces = Array.from({ length: Math.ceil(file.length / size) }, (_, i) =>
      file.subarray(i * size, (i + 1) * size),
    );
    expect(() => pieces.forEach(check)).toThrow(/window of 144 MiB/);
  }
});

it('what may be unpacked is, and what is no zstd is left to the decoder', async () => {
  expect(await unpack(Buffer.concat([frame('one,', 0), frame('two', 16)]))).toBe('one,two');
  await expect(unpack(Buffer.concat([frame('one', 0), Buffer.alloc(40, 7)]))).rejects.toMatchObject({
    code: 'invalid-csv',
  });
});
