import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { unpacked } from '../../../src/ingest/unpack/unpack.ts';
import { inChunks } from '../read-all.ts';

const FILES = {
  'ml/README.txt': 'about',
  'ml/ratings-1.csv': `a,b\n${'1,2\n'.repeat(5_000)}`,
  '__MACOSX/._x.csv': 'x',
  'ml/ratings-2.csv': 'a,b\n3,4\n',
};
const zip = (files: Record<string, string>) =>
  Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
  );
async function tar(files: Record<string, string>) {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function read(bytes: Buffer, files?: string) {
  const found: Record<string, string> = {};
  const spec = { format: 'csv', ...(files !== undefined && { files }) } as const;
  for await (const file of unpacked({ name: '', bytes: inChunks(bytes, 999) }, spec, () => bytes.length)) {
    const parts: Uint8Array[] = [];
    for await (const part of file.bytes) parts.push(part);
    found[file.name] = Buffer.concat(parts).toString();
  }
  return found;
}

describe.each([
  ['zip', async (files: Record<string, string>) => zip(files)],
  ['tar', tar],
  ['tgz', async (files: Record<string, string>) => gzipSync(await tar(files))],
])('%s', (_, archive) => {
  const { 'ml/ratings-1.csv': one, 'ml/ratings-2.csv': two } = FILES;

  it('gives its files in order, without what is no data', async () => {
    expect(await read(await archive(FILES))).toEqual({ 'ml/ratings-1.csv': one, 'ml/ratings-2.csv': two });
  });

  it('gives those that are asked for', async () => {
    expect(await read(await archive({ ...FILES, 'a.json': '{}' }), '*-2.csv')).toEqual({
      'ml/ratings-2.csv': two,
    });
  });

  it('is refused when it has several kinds of files, or none that is asked for', async () => {
    const both = await archive({ ...FILES, 'a.json': '{}' });
    await expect(read(both)).rejects.toMatchObject({
      detail: expect.stringMatching(/several kinds .*files=\*\.csv/),
    });
    await expect(read(both, '*.dat')).rejects.toMatchObject({
      detail: expect.stringMatching(/matches files=\*\.dat; it has .*ratings-1/),
    });
  });
});

it.each([
  ['bzip2', '425a6839314159', /bzip2 -dc FILE/],
  ['xz', 'fd377a585a0000', /xz -dc FILE/],
  ['7z', '377abcaf271c', /7z x/],
])('%s is refused with what unpacks it', async (_, hex, detail) => {
  await expect(read(Buffer.from(hex, 'hex'))).rejects.toMatchObject({
    detail: expect.stringMatching(detail),
  });
});

it('a zip that ends in the middle is refused', async () => {
  await expect(read(zip(FILES).subarray(0, 150))).rejects.toMatchObject({
    detail: expect.stringMatching(/zip/),
  });
});

it.each([
  ['ends in the middle', (bytes: Buffer) => bytes.subarray(0, 3_000), /^The tar ends in the middle/],
  [
    'has a broken header',
    (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 1024), Buffer.alloc(512, 'x'), bytes.subarray(1024)]),
    /^The tar cannot be read \(Invalid tar header.*send it again/,
  ],
])('a tar that %s is refused', async (_, edit, detail) => {
  await expect(read(edit(await tar(FILES)))).rejects.toMatchObject({
    code: 'invalid-csv',
    detail: expect.stringMatching(detail),
  });
});
