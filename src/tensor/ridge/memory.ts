import { problem } from '../../core/errors.ts';

const PAGE = 65_536;
/** A WebAssembly memory holds no more. */
const MOST_PAGES = 65_536;

export interface RidgeMemory<Name extends string> {
  memory: WebAssembly.Memory;
  /** Byte offset of each part. */
  at: Record<Name, number>;
}

/**
 * One memory that threads can share, with a part of so many bytes for each name.
 * @param growing true where the last part may grow later
 * @throws out-of-memory beyond 4 GiB, or where the system refuses
 */
export function allocate<Name extends string>(
  sizes: Record<Name, number>,
  growing = false,
): RidgeMemory<Name> {
  const at = {} as Record<Name, number>;
  let bytes = 0;
  for (const [name, size] of Object.entries(sizes) as [Name, number][]) {
    at[name] = bytes;
    bytes += Math.ceil(size / 64) * 64;
  }
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  try {
    const maximum = growing ? MOST_PAGES : pages;
    return { at, memory: new WebAssembly.Memory({ initial: pages, maximum, shared: true }) };
  } catch (error) {
    throw problem(
      'out-of-memory',
      `the factors and pairs of an alternating factorization take ${(bytes / 2 ** 30).toFixed(1)} GiB; ` +
        'there is no memory for that, or it is more than 4 GiB: lower `dimensions`, or use another teacher',
      {},
      error,
    );
  }
}

/** Grows the memory to hold so many bytes. */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);
}

/** Copies rows of d floats to places `width` floats apart; the rest of each stays as it is. */
export function putRows(
  { buffer }: WebAssembly.Memory,
  at: number,
  rows: Float32Array,
  d: number,
  width: number,
): void {
  const to = new Float32Array(buffer, at);
  if (d === width) to.set(rows);
  else
    for (let row = 0; row * d < rows.length; row++)
      to.set(rows.subarray(row * d, (row + 1) * d), row * width);
}

/** [rows, d] from places `width` floats apart. */
export function takeRows(
  { buffer }: WebAssembly.Memory,
  at: number,
  rows: number,
  d: number,
  width: number,
): Float32Array {
  const from = new Float32Array(buffer, at, rows * width);
  if (d === width) return from.slice();
  const out = new Float32Array(rows * d);
  for (let row = 0; row < rows; row++) out.set(from.subarray(row * width, row * width + d), row * d);
  return out;
}
