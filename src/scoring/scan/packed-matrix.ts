import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import type { Sliced } from '../../core/slices.ts';
import { type Bounds, computeBounds, type RowBounds } from './bounds.ts';
import { naturalOrder, orderByReach } from './row-order.ts';

/** Rows of a block; kernel/scan.ts has the same number. */
const BLOCK_ROWS = 32;
const PAGE = 65_536;
const ROWS_PER_SLICE = 2048;

/**
 * A matrix laid out for kernel/scan.ts, in a memory that threads can share and that nobody writes once it is packed.
 * Everything here can be posted to a thread.
 */
export interface PackedMatrix {
  memory: WebAssembly.Memory;
  /** Rows of the matrix, and as packed, with padding. */
  count: number;
  packedRows: number;
  width: number;
  /** Bytes from one row to the next. */
  stride: number;
  at: Places;
  /** Null where scores could overflow or vanish: then every row is computed. */
  bounds: Bounds | null;
  /** Scratch memory begins here; each scan has its own. */
  scratchAt: number;
  scratchBytes: number;
}

/** Byte offsets. */
export interface Places {
  q: number;
  scale: number;
  bias: number;
  /** Packed row -> row, and back. */
  order: number;
  position: number;
  blockNorm: number;
  blockBias: number;
  sketch: number;
  sketchScale: number;
  inside: number;
  outside: number;
  ceiling: number;
}

export interface PackOptions {
  /** Length of a usual user's vector: rows are ordered by what they can reach with it. */
  typicalNorm?: number;
  /** False: no bounds, every row is computed. */
  pruning?: boolean;
  /** Scans that may run at the same time. */
  scratches?: number;
}

/** Room for the best k of a request without growing the memory. */
const HEAP_ROOM = 1024;

/**
 * @param items int8 [N, d] with one scale per row
 * @param bias Float32 [N]
 */
export function* packMatrix(
  items: QuantizedRows,
  bias: Float32Array,
  { typicalNorm = 1, pruning = true, scratches = 1 }: PackOptions = {},
): Sliced<PackedMatrix> {
  const packedRows = Math.ceil(items.rows / BLOCK_ROWS) * BLOCK_ROWS;
  const stride = Math.ceil(items.width / 8) * 8;
  const bounds = pruning ? yield* computeBounds(items, bias) : null;
  const order = bounds ? yield* orderByReach(bounds, typicalNorm) : naturalOrder(items.rows);

  const { allocate, total } = createAllocator();
  const sketchWidth = bounds?.directions.rows ?? 0;
  const floats = () => allocate(packedRows * 4);
  const blockFloats = () => allocate((packedRows / BLOCK_ROWS) * 4);
  const at: Places = {
    q: allocate(packedRows * stride),
    scale: floats(),
    bias: floats(),
    order: floats(),
    position: allocate(items.rows * 4),
    blockNorm: bounds ? blockFloats() : 0,
    blockBias: bounds ? blockFloats() : 0,
    sketch: bounds ? allocate(packedRows * sketchWidth) : 0,
    sketchScale: bounds ? floats() : 0,
    inside: bounds ? floats() : 0,
    outside: bounds ? floats() : 0,
    ceiling: bounds ? floats() : 0,
  };
  const scratchAt = total();
  const scratchBytes = scratchSize(packedRows, stride, items.rows);
  const memory = createMemory(scratchAt + scratches * scratchBytes, items.rows);
  const packed: PackedMatrix = {
    memory,
    count: items.rows,
    packedRows,
    width: items.width,
    stride,
    at,
    bounds: bounds && { directions: bounds.directions, mean: bounds.mean },
    scratchAt,
    scratchBytes,
  };
  yield* writeRows(packed, items, bias, order);
  if (bounds) yield* writeBounds(packed, bounds, order);
  return packed;
}

/** The places of one scan's own memory; the scores of all rows come last. */
export function scratchPlaces(
  { packedRows, stride, count, scratchAt, scratchBytes }: PackedMatrix,
  index: number,
) {
  const { allocate } = createAllocator(scratchAt + index * scratchBytes);
  const room = heapRoom(count);
  return {
    user: allocate(stride * 2),
    projected: allocate(64),
    blocked: allocate(packedRows),
    heapRows: allocate(room * 4),
    heapScores: allocate(room * 4),
    heapRoom: room,
    scores: allocate(packedRows * 4),
  };
}

function scratchSize(packedRows: number, stride: number, count: number): number {
  const { allocate, total } = createAllocator();
  for (const bytes of [
    stride * 2,
    64,
    packedRows,
    heapRoom(count) * 4,
    heapRoom(count) * 4,
    packedRows * 4,
  ]) {
    allocate(bytes);
  }
  return total();
}

function heapRoom(count: number): number {
  return Math.min(count, HEAP_ROOM);
}

function createAllocator(start = 16) {
  let next = start;
  return {
    allocate(bytes: number): number {
      const place = next;
      next = Math.ceil((next + bytes) / 16) * 16;
      return place;
    },
    total: () => next,
  };
}

/** May grow by one heap that holds all rows, for callers that want them all in order. */
function createMemory(bytes: number, count: number): WebAssembly.Memory {
  const initial = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({
    initial,
    maximum: initial + Math.ceil((count * 8) / PAGE) + 1,
    shared: true,
  });
}

function* writeRows(
  { memory, at, packedRows, stride, count }: PackedMatrix,
  items: QuantizedRows,
  bias: Float32Array,
  order: Int32Array,
): Sliced<void> {
  const { buffer } = memory;
  const q = new Int8Array(buffer, at.q, packedRows * stride);
  const scale = new Float32Array(buffer, at.scale, packedRows);
  const biases = new Float32Array(buffer, at.bias, packedRows);
  const orders = new Int32Array(buffer, at.order, packedRows);
  const position = new Int32Array(buffer, at.position, count);
  const { width } = items;
  for (let packed = 0; packed < packedRows; packed++) {
    if (packed % ROWS_PER_SLICE === 0) yield;
    if (packed >= count) {
      // Its scores go where nobody reads.
      orders[packed] = packed;
      biases[packed] = Number.NEGATIVE_INFINITY;
      continue;
    }
    const row = order[packed];
    q.set(items.q.subarray(row * width, (row + 1) * width), packed * stride);
    scale[packed] = items.scale[row];
    biases[packed] = bias[row];
    orders[packed] = row;
    position[row] = packed;
  }
}

function* writeBounds(packed: PackedMatrix, bounds: RowBounds, order: Int32Array): Sliced<void> {
  const { at, packedRows, count, memory } = packed;
  const { buffer } = memory;
  const width = bounds.directions.rows;
  const floats = (place: number) => new Float32Array(buffer, place, packedRows);
  const sketch = new Int8Array(buffer, at.sketch, packedRows * width);
  const [sketchScale, inside, outside, ceiling] = [at.sketchScale, at.inside, at.outside, at.ceiling].map(
    floats,
  );
  const blockNorm = new Float32Array(buffer, at.blockNorm, packedRows / BLOCK_ROWS);
  const blockBias = new Float32Array(buffer, at.blockBias, packedRows / BLOCK_ROWS).fill(
    Number.NEGATIVE_INFINITY,
  );
  ceiling.fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < count; i++) {
    if (i % ROWS_PER_SLICE === 0) yield;
    const row = order[i];
    sketch.set(bounds.sketch.subarray(row * width, (row + 1) * width), i * width);
    sketchScale[i] = bounds.sketchScale[row];
    inside[i] = bounds.inside[row];
    outside[i] = bounds.outside[row];
    ceiling[i] = bounds.ceiling[row];
    const block = Math.floor(i / BLOCK_ROWS);
    blockNorm[block] = Math.max(blockNorm[block], bounds.norm[row]);
    blockBias[block] = Math.max(blockBias[block], bounds.ceiling[row]);
  }
}
