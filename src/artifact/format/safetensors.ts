import { messageOf, problem } from '../../core/errors.ts';

/**
 * The safetensors container: 8 bytes header length (little-endian), a JSON header, then the tensors without holes.
 * https://huggingface.co/docs/safetensors. Student and teacher weights use the same container.
 */
export type Tensor =
  | { dtype: 'F32'; shape: readonly number[]; data: Float32Array }
  | { dtype: 'I32'; shape: readonly number[]; data: Int32Array }
  /** Raw half-precision bits. */
  | { dtype: 'F16'; shape: readonly number[]; data: Uint16Array }
  | { dtype: 'I8'; shape: readonly number[]; data: Int8Array }
  | { dtype: 'U8'; shape: readonly number[]; data: Uint8Array };

export type DType = Tensor['dtype'];

interface Entry {
  dtype: DType;
  shape: number[];
  data_offsets: [number, number];
}

const BYTES: Record<DType, number> = { F32: 4, I32: 4, F16: 2, I8: 1, U8: 1 };
/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;

/**
 * The widest types go first, then by name: so every tensor is aligned without padding (which the format forbids),
 * and the same tensors give the same bytes.
 */
export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Buffer {
  for (const [name, { data, shape }] of tensors) {
    if (data.length === elements(shape)) continue;
    throw new RangeError(`tensor ${name} has ${data.length} elements, not [${shape}]`);
  }
  const { entries, json, headerBytes, end } = layOut(
    [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
  );
  const file = Buffer.alloc(LENGTH_BYTES + headerBytes + end, ' ');
  file.writeBigUInt64LE(BigInt(headerBytes), 0);
  json.copy(file, LENGTH_BYTES);
  for (const [name, { data_offsets }] of entries) {
    const { data } = tensors.get(name)!;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    bytes.copy(file, LENGTH_BYTES + headerBytes + data_offsets[0]);
  }
  return file;
}

interface NamedShape {
  name: string;
  dtype: DType;
  shape: readonly number[];
}

/** Bytes of the file that tensors of these types and shapes make. */
export function safetensorsBytes(tensors: readonly NamedShape[]): number {
  const { headerBytes, end } = layOut(tensors);
  return LENGTH_BYTES + headerBytes + end;
}

function layOut(tensors: readonly NamedShape[]) {
  const sorted = tensors.toSorted((a, b) => BYTES[b.dtype] - BYTES[a.dtype] || (a.name < b.name ? -1 : 1));
  let end = 0;
  const entries = sorted.map(({ name, dtype, shape }): [string, Entry] => {
    const start = end;
    end += elements(shape) * BYTES[dtype];
    return [name, { dtype, shape: [...shape], data_offsets: [start, end] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  return { entries, json, headerBytes: Math.ceil(json.length / 8) * 8, end };
}

/**
 * Views into `file` where the platform's alignment allows it, copies elsewhere.
 * @param file named in the reason, for instance `weights.safetensors`
 * @throws problem('invalid-artifact') with the reason, for anything that is not exactly such a file
 */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const refuse = (reason: string) => problem('invalid-artifact', `${file}: ${reason}`);
  const { header, dataStart } = readHeader(bytes, refuse);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]): [string, Entry] => [name, checkEntry(name, value, refuse)])
    .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let expected = 0;
  for (const [name, { data_offsets }] of entries) {
    const [start, end] = data_offsets;
    if (start < expected) throw refuse(`tensor ${name} overlaps the one before it`);
    if (start > expected) throw refuse(`there is a hole of ${start - expected} bytes before tensor ${name}`);
    expected = end;
  }
  const present = bytes.length - dataStart;
  if (present < expected) {
    throw refuse(`truncated: the header promises ${expected} bytes of tensors, ${present} are there`);
  }
  if (present > expected) throw refuse(`${present - expected} bytes too many after the last tensor`);
  return new Map(entries.map(([name, entry]) => [name, view(bytes, dataStart, entry)]));
}

type Refuse = (reason: string) => Error;

function readHeader(bytes: Uint8Array, refuse: Refuse): { header: object; dataStart: number } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < LENGTH_BYTES) throw refuse(`truncated: ${file.length} bytes cannot hold a header`);
  const length = file.readBigUInt64LE(0);
  if (length > MAX_HEADER_BYTES) throw refuse(`a header of ${length} bytes is not plausible`);
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > file.length) {
    throw refuse(`truncated: the header has ${length} bytes, ${file.length - LENGTH_BYTES} are there`);
  }
  let header: unknown;
  try {
    header = JSON.parse(file.toString('utf8', LENGTH_BYTES, dataStart));
  } catch (error) {
    throw refuse(`the header is not JSON: ${messageOf(error)}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw refuse('the header is not a JSON object');
  }
  return { header, dataStart };
}

function checkEntry(name: string, value: unknown, refuse: Refuse): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) {
    throw refuse(`tensor ${name} has the type ${JSON.stringify(dtype)}; known are ${Object.keys(BYTES)}`);
  }
  if (!isSizes(shape)) throw refuse(`tensor ${name} has no usable shape`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw refuse(`tensor ${name} has no usable data_offsets`);
  }
  const size = elements(shape) * BYTES[dtype as DType];
  if (offsets[1] - offsets[0] !== size) {
    throw refuse(`tensor ${name} of shape [${shape}] needs ${size} bytes, has ${offsets[1] - offsets[0]}`);
  }
  return { dtype: dtype as DType, shape, data_offsets: [offsets[0], offsets[1]] };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function view(bytes: Uint8Array, dataStart: number, { dtype, shape, data_offsets }: Entry): Tensor {
  let buffer = bytes.buffer as ArrayBuffer;
  let offset = bytes.byteOffset + dataStart + data_offsets[0];
  // Typed arrays can only start at multiples of their element size.
  if (offset % BYTES[dtype] !== 0) {
    buffer = buffer.slice(offset, offset + data_offsets[1] - data_offsets[0]);
    offset = 0;
  }
  const length = elements(shape);
  switch (dtype) {
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer, offset, length) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer, offset, length) };
    case 'F16':
      return { dtype, shape, data: new Uint16Array(buffer, offset, length) };
    case 'I8':
      return { dtype, shape, data: new Int8Array(buffer, offset, length) };
    case 'U8':
      return { dtype, shape, data: new Uint8Array(buffer, offset, length) };
  }
}
