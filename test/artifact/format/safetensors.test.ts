import { describe, expect, test } from 'vitest';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/artifact/format/safetensors.ts';

const tensors = new Map<string, Tensor>([
  ['bytes', { dtype: 'I8', shape: [3], data: Int8Array.of(-127, 0, 127) }],
  ['half', { dtype: 'F16', shape: [1, 3], data: Uint16Array.of(0x3c00, 0xc000, 0x7c00) }],
  ['scale', { dtype: 'F32', shape: [2], data: Float32Array.of(0.1, -3e38) }],
  ['index', { dtype: 'I32', shape: [2, 1], data: Int32Array.of(-2147483648, 7) }],
  ['empty', { dtype: 'F32', shape: [0, 8], data: new Float32Array(0) }],
  ['__proto__', { dtype: 'F32', shape: [], data: Float32Array.of(42) }],
]);

type Header = Record<string, { dtype: unknown; shape: unknown; data_offsets: unknown }>;

describe('safetensors', () => {
  test('gives back every type and shape exactly', () => {
    expect(readSafetensors(writeSafetensors(tensors), 'w')).toEqual(tensors);
  });

  test('reads from memory at any alignment', () => {
    const bytes = writeSafetensors(tensors);
    for (let shift = 0; shift < 8; shift++) {
      const moved = new Uint8Array(bytes.length + 8);
      moved.set(bytes, shift);
      expect(readSafetensors(moved.subarray(shift, shift + bytes.length), 'w')).toEqual(tensors);
    }
  });

  test('gives the same bytes whatever the order of the tensors', () => {
    expect(writeSafetensors(new Map([...tensors].reverse()))).toEqual(writeSafetensors(tensors));
  });

  test('keeps every tensor aligned to its element size and leaves no holes', () => {
    const { header, dataStart } = split(writeSafetensors(tensors));
    expect(dataStart % 8).toBe(0);
    const size = { F32: 4, I32: 4, F16: 2, I8: 1 };
    for (const { dtype, data_offsets } of Object.values(header)) {
      expect((data_offsets as number[])[0] % size[dtype as keyof typeof size]).toBe(0);
    }
  });

  test('refuses to write a tensor whose shape is not its data', () => {
    const wrong = new Map<string, Tensor>([['x', { dtype: 'I8', shape: [2, 2], data: new Int8Array(3) }]]);
    expect(() => writeSafetensors(wrong)).toThrow('tensor x has 3 elements, not [2,2]');
  });

  test('refuses a file cut at any byte', () => {
    const bytes = writeSafetensors(tensors);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length), 'w')).toThrow(/^w: /);
    }
  });

  test('refuses bytes after the last tensor', () => {
    const longer = Buffer.concat([writeSafetensors(tensors), Buffer.alloc(1)]);
    expect(() => readSafetensors(longer, 'w')).toThrow('1 bytes too many');
  });

  test('refuses an implausible header length without trying to read it', () => {
    const bytes = Buffer.alloc(16, 0xff);
    expect(() => readSafetensors(bytes, 'w')).toThrow('not plausible');
  });

  test.each([
    ['not json', 'the header is not JSON'],
    ['[]', 'the header is not a JSON object'],
    ['null', 'the header is not a JSON object'],
  ])('refuses the header %s', (json, reason) => {
    expect(() => readSafetensors(join(json, 0), 'w')).toThrow(reason);
  });

  test.each([
    ['an unknown type', { dtype: 'F64', shape: [1], data_offsets: [0, 8] }, 'has the type "F64"'],
    ['no type', {}, 'has the type undefined'],
    ['null', null, 'has the type undefined'],
    ['a negative size', { dtype: 'I8', shape: [-1], data_offsets: [0, 8] }, 'no usable shape'],
    ['a fractional size', { dtype: 'I8', shape: [1.5], data_offsets: [0, 8] }, 'no usable shape'],
    ['a shape of text', { dtype: 'I8', shape: '8', data_offsets: [0, 8] }, 'no usable shape'],
    ['one offset', { dtype: 'I8', shape: [8], data_offsets: [8] }, 'no usable data_offsets'],
    ['offsets backwards', { dtype: 'I8', shape: [8], data_offsets: [8, 0] }, 'no usable data_offsets'],
    [
      'a size that is not its shape',
      { dtype: 'F32', shape: [8], data_offsets: [0, 8] },
      'needs 32 bytes, has 8',
    ],
    ['a huge shape', { dtype: 'I8', shape: [2 ** 50, 2 ** 50], data_offsets: [0, 8] }, 'needs'],
    ['data beyond the end', { dtype: 'I8', shape: [9], data_offsets: [0, 9] }, 'truncated'],
    ['a hole at the start', { dtype: 'I8', shape: [4], data_offsets: [4, 8] }, 'a hole of 4 bytes'],
  ])('refuses a tensor with %s', (_what, entry, reason) => {
    expect(() => readSafetensors(join(JSON.stringify({ x: entry }), 8), 'w')).toThrow(reason);
  });

  test('refuses tensors that overlap', () => {
    const header = {
      a: { dtype: 'I8', shape: [6], data_offsets: [0, 6] },
      b: { dtype: 'I8', shape: [4], data_offsets: [4, 8] },
    };
    expect(() => readSafetensors(join(JSON.stringify(header), 8), 'w')).toThrow('tensor b overlaps');
  });

  test('skips the metadata that other writers add', () => {
    const header = { __metadata__: { format: 'pt' }, a: { dtype: 'I8', shape: [1], data_offsets: [0, 1] } };
    expect([...readSafetensors(join(JSON.stringify(header), 1), 'w').keys()]).toEqual(['a']);
  });
});

function split(bytes: Buffer): { header: Header; dataStart: number } {
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0));
  return { header: JSON.parse(bytes.toString('utf8', 8, dataStart)), dataStart };
}

function join(header: string, dataBytes: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]);
}
