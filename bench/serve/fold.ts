import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import { createRng } from '../../src/core/rng.ts';
import { createUserVectors, type UserVectors } from '../../src/scoring/user-vector.ts';

const ITEMS = 10_000;
const RUNS = 400;
const LENGTHS = [5, 20, 50, 64, 100, 500];

export interface FoldRow {
  dimensions: number;
  history: number;
  /** Median time of a user's vector, microseconds. */
  summed: number;
  solved: number;
}

/** Time of a user's vector that is summed, and that is solved, for histories of some lengths. */
export function measureFolds(): FoldRow[] {
  return [64, 128].flatMap((dimensions) => {
    const rng = createRng(1);
    const normals = Float32Array.from({ length: ITEMS * dimensions }, () => rng.normal());
    const itemsIn = quantizeRows(normals, ITEMS, dimensions, 'int8');
    const plain = {
      ...{ itemsIn, itemsOut: itemsIn, userBias: new Float32Array(dimensions), inner: null },
      ...{ normalization: 'none' as const, activation: 'identity' as const },
    };
    const solver = { gram: new Float32Array(dimensions).fill(5), perPair: 0.01, scale: 1 };
    const [summed, solved] = [createUserVectors(plain), createUserVectors({ ...plain, solver })];
    return LENGTHS.map((history) => {
      const histories = Array.from({ length: 64 }, () =>
        Array.from({ length: history }, () => rng.int(ITEMS)),
      );
      return {
        ...{ dimensions, history },
        summed: medianOf(summed, histories),
        solved: medianOf(solved, histories),
      };
    });
  });
}

function medianOf(vectors: UserVectors, histories: number[][]): number {
  const weights = new Float32Array(histories[0]!.length).fill(1);
  const times = new Float64Array(RUNS);
  for (let run = -RUNS; run < RUNS; run++) {
    const started = performance.now();
    vectors.fold(histories[(run + RUNS) % histories.length]!, weights);
    if (run >= 0) times[run] = 1000 * (performance.now() - started);
  }
  return Number(times.sort()[RUNS >> 1]!.toFixed(1));
}
