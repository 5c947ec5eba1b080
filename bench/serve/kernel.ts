import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { QuantizedRows } from '../../src/artifact/student/student-weights.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import { createScanKernel, type ScanKernel } from '../../src/scoring/scan/kernel.ts';
import { createUserVectors } from '../../src/scoring/user-vector.ts';
import { type TrainedStudent, trainOnGowalla } from './gowalla.ts';

const K = 10;
const USERS = 256;
const WIDTH = 64;

export interface KernelRow {
  vectors: string;
  scan: 'full' | 'pruned';
  items: number;
  medianMicroseconds: number;
  p99Microseconds: number;
  /** Share of the rows. */
  looked: number;
  finished: number;
}

export function measureKernel(): { rows: KernelRow[]; overlap: number | null } {
  const rng = createRng(1);
  const rows: KernelRow[] = [];
  for (const items of [10_000, 100_000, 1_000_000]) {
    const matrix = quantizeRows(normals(rng, items * WIDTH), items, WIDTH);
    const users = Array.from({ length: USERS }, () => normals(rng, WIDTH));
    const kernel = createScanKernel(matrix, normals(rng, items), { pruning: false });
    rows.push(measure('random', 'full', items, kernel, users));
  }
  const trained = trainOnGowalla(WIDTH);
  if (!trained) return { rows, overlap: null };
  const users = usersOf(trained);
  const { itemsOut } = trained.weights;
  for (const items of [10_000, itemsOut.rows, 100_000, 1_000_000]) {
    const matrix = resize(itemsOut, items, rng);
    const name = items <= itemsOut.rows ? 'gowalla' : 'gowalla, copied with noise';
    const bias = new Float32Array(items);
    const options = { typicalNorm: median(users.map((user) => Math.hypot(...user))) };
    rows.push(measure(name, 'full', items, createScanKernel(matrix, bias, { pruning: false }), users));
    rows.push(measure(name, 'pruned', items, createScanKernel(matrix, bias, options), users));
  }
  return { rows, overlap: overlapWithExact(trained, users) };
}

function measure(
  vectors: string,
  scan: KernelRow['scan'],
  items: number,
  kernel: ScanKernel,
  users: Float32Array[],
) {
  const runs = Math.max(USERS, Math.min(4000, Math.round(20_000_000 / items)));
  const times = new Float64Array(runs);
  let looked = 0;
  let finished = 0;
  for (let run = -USERS; run < runs; run++) {
    const user = users[(run + USERS) % USERS]!;
    const start = performance.now();
    kernel.topK(user, K);
    if (run < 0) continue;
    times[run] = (performance.now() - start) * 1000;
    const counts = kernel.lastScan();
    looked += counts.looked / items / runs;
    finished += counts.finished / items / runs;
  }
  times.sort();
  const at = (share: number) => Number(times[Math.floor(share * (runs - 1))]!.toFixed(1));
  const share = (value: number) => Number(Math.min(1, value).toFixed(4));
  return {
    vectors,
    scan,
    items,
    medianMicroseconds: at(0.5),
    p99Microseconds: at(0.99),
    looked: share(looked),
    finished: share(finished),
  };
}

function usersOf({ weights, histories }: TrainedStudent): Float32Array[] {
  const vectors = createUserVectors(weights);
  const every = Math.floor(histories.length / USERS);
  return Array.from({ length: USERS }, (_, i) => {
    const rows = histories[i * every]!;
    return vectors.fold(rows, new Float32Array(rows.length).fill(1)).slice();
  });
}

/** Fewer rows: a random choice. More: rows again and again, each code off by at most 2. */
function resize({ rows, width, q, scale }: QuantizedRows, items: number, rng: Rng): QuantizedRows {
  if (items === rows) return { rows, width, q, scale };
  const choice = rng.shuffle(Int32Array.from({ length: rows }, (_, row) => row));
  const out = { rows: items, width, q: new Int8Array(items * width), scale: new Float32Array(items) };
  for (let i = 0; i < items; i++) {
    const row = choice[i % rows]!;
    const noise = i >= rows ? 5 : 1;
    for (let k = 0; k < width; k++) {
      const code = q[row * width + k] + rng.int(noise) - (noise >> 1);
      out.q[i * width + k] = Math.max(-127, Math.min(127, code));
    }
    out.scale[i] = scale[row];
  }
  return out;
}

/** Mean share of the float32 top-10, items of the history included, that is in the int8 top-10. */
function overlapWithExact({ weights, exact, histories }: TrainedStudent, users: Float32Array[]): number {
  const { rows: items, width } = weights.itemsOut;
  const kernel = createScanKernel(weights.itemsOut, weights.itemBias);
  const every = Math.floor(histories.length / users.length);
  let shared = 0;
  users.forEach((_, i) => {
    const history = histories[i * every]!;
    const user = new Float64Array(width);
    for (const row of history) for (let k = 0; k < width; k++) user[k] += exact[row * width + k];
    for (let k = 0; k < width; k++) user[k] /= Math.sqrt(history.length);
    const scores = new Float64Array(items);
    for (let row = 0; row < items; row++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += exact[row * width + k] * user[k];
      scores[row] = sum;
    }
    const best = new Set(
      Array.from(scores.keys())
        .sort((a, b) => scores[b] - scores[a])
        .slice(0, K),
    );
    const { rows, length } = kernel.topK(users[i]!, K);
    shared += rows.subarray(0, length).filter((row) => best.has(row)).length / K;
  });
  return shared / users.length;
}

function normals(source: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => source.normal());
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
