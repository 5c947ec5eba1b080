import { describe, expect, it } from 'vitest';
import { encodingOf, toUtf8 } from '../../src/ingest/text/encoding.ts';
import { inChunks } from './read-all.ts';

const TEXT = 'userId,title\nann,Les Misérables\nbob,Straße nach Köln\n';
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();

async function read(bytes: Buffer, encoding?: string, chunk = 7) {
  const decoded = await toUtf8(inChunks(bytes, chunk), encoding);
  const parts: Uint8Array[] = [];
  for await (const part of decoded.bytes) parts.push(part);
  return { encoding: decoded.encoding, text: Buffer.concat(parts).toString() };
}

describe('auto', () => {
  it.each([
    ['utf-8', Buffer.from(TEXT), TEXT],
    ['utf-16le', Buffer.from(TEXT, 'utf16le'), TEXT],
    ['utf-16le', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), TEXT],
    ['utf-16be', bigEndian(TEXT), TEXT],
    ['utf-16be', bigEndian(`\ufeff${TEXT}`), TEXT],
    ['windows-1252', Buffer.from(TEXT, 'latin1'), TEXT],
    // By its letters it might be Baltic (windows-1257) as well.
    [
      'windows-1252',
      Buffer.from('id;name\nÄnne;Größe\nÖtzi;Café\n', 'latin1'),
      'id;name\nÄnne;Größe\nÖtzi;Café\n',
    ],
  ])('takes %s', async (encoding, bytes, text) => {
    expect(await read(bytes)).toEqual({ encoding, text });
  });

  it('takes a UTF-8 text for one where the bytes that it looks at end within a character', () => {
    expect(encodingOf(Buffer.from('aé').subarray(0, 2))).toBe('utf-8');
  });
});

it.each([
  ['gb18030', 'd3c3bba7', '用户'],
  ['shift_jis', '838686055b', null],
  ['shift_jis', '8386815b8355', 'ユーザ'],
  ['windows-1252', '80', '€'],
])('reads %s where it is named (%s)', async (encoding, hex, text) => {
  if (text === null) await expect(read(Buffer.from(hex, 'hex'), encoding)).rejects.toThrow();
  else expect((await read(Buffer.from(hex, 'hex'), encoding, 1)).text.startsWith(text)).toBe(true);
});

it('names the line before the first byte that cannot be', async () => {
  const broken = Buffer.concat([Buffer.from('a\nb\n'), Buffer.from([0x81, 0x30, 0x0a])]);
  await expect(read(broken, 'gb18030')).rejects.toMatchObject({
    detail: expect.stringMatching(/is not gb18030; .*encoding=/),
  });
});
