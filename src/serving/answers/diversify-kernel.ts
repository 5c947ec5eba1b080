import { readFileSync } from 'node:fs';
import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import { builtFile } from '../../core/built-file.ts';

/** The exports of kernel/diversify.ts. Places are byte offsets into the memory. */
interface DiversifyExports {
  bind(width: number, rows: number, inverse: number, worth: number, closest: number, left: number): void;
  next(chosen: number, count: number, diversity: number): number;
}

/** Candidates laid out in a memory of their own, for one diverse list at a time. */
export interface DiversifyMemory {
  /** Writes the candidates, all of them unchosen. @param worth [n] (1 - diversity) * relevance */
  fill(items: QuantizedRows, rows: readonly number[], worth: ArrayLike<number>): void;
  /** Chooses the candidate at a place of the list of those that are left; answers its number among all candidates. */
  take(place: number): number;
  /** The place of the best candidate that is left, now that the one chosen last is above it. */
  best(diversity: number): number;
}

const PAGE = 65_536;

let compiled: WebAssembly.Module | undefined;
/** Requests take turns with each other, so that several may hold one at a time. */
const MOST_RESTING = 16;
const resting: DiversifyMemory[] = [];

/** Lends a memory; it has to be given back. */
export function borrowDiversify(): DiversifyMemory {
  return resting.pop() ?? openDiversify();
}

export function giveBackDiversify(memory: DiversifyMemory): void {
  if (resting.length < MOST_RESTING) resting.push(memory);
}

function openDiversify(): DiversifyMemory {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 1024, shared: true });
  compiled ??= new WebAssembly.Module(readFileSync(builtFile('serving/diversify.wasm')));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const kernel = exports as unknown as DiversifyExports;
  let left: Int32Array = new Int32Array(0);
  let chosen = -1;

  return {
    fill(items, rows, worth) {
      const count = rows.length;
      const width = Math.ceil(items.width / 8) * 8;
      const doublesAt = count * width * 2;
      const leftAt = doublesAt + 3 * 8 * count;
      const missing = leftAt + 4 * count - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      const { buffer } = memory;
      writeRows(
        items,
        rows,
        new Int16Array(buffer, 0, count * width),
        new Float64Array(buffer, doublesAt, count),
      );
      new Float64Array(buffer, doublesAt + 8 * count, count).set(worth);
      new Float64Array(buffer, doublesAt + 16 * count, count).fill(-1);
      left = new Int32Array(buffer, leftAt, count);
      for (let i = 0; i < count; i++) left[i] = i;
      kernel.bind(width, 0, doublesAt, doublesAt + 8 * count, doublesAt + 16 * count, leftAt);
    },
    take(place) {
      chosen = left[place]!;
      left.copyWithin(place, place + 1);
      left = left.subarray(0, -1);
      return chosen;
    },
    best: (diversity) => kernel.next(chosen, left.length, diversity),
  };
}

/** @param into int16 [n, width], beyond the items' own width zeros @param inverse [n] one over each row's length */
function writeRows(
  { q, width }: QuantizedRows,
  rows: readonly number[],
  into: Int16Array,
  inverse: Float64Array,
): void {
  const stride = into.length / rows.length;
  into.fill(0);
  rows.forEach((row, i) => {
    const codes = q.subarray(row * width, (row + 1) * width);
    into.set(codes, i * stride);
    let squared = 0;
    for (let d = 0; d < width; d++) squared += codes[d]! ** 2;
    inverse[i] = 1 / (Math.sqrt(squared) || 1);
  });
}
