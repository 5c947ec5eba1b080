import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import { createRng } from '../../src/core/rng.ts';
import { runAtOnce } from '../../src/core/slices.ts';
import { candidatesFor, diversify } from '../../src/serving/answers/diversify.ts';

const ITEMS = 10_000;
const RUNS = 20;

export interface DiversityRow {
  dimensions: number;
  k: number;
  candidates: number;
  /** Median time of one diverse list, milliseconds. */
  milliseconds: number;
}

/** Time of a diverse list, the candidates given. */
export function measureDiversity(): DiversityRow[] {
  return [64, 128].flatMap((dimensions) => {
    const rng = createRng(1);
    const normals = Float32Array.from({ length: ITEMS * dimensions }, () => rng.normal());
    const items = quantizeRows(normals, ITEMS, dimensions, 'int8');
    return [10, 100, 1000].map((k) => {
      const candidates = candidatesFor(k);
      const rows = Array.from({ length: candidates }, (_, i) => (i * 7919) % ITEMS);
      const scores = rows.map((_, i) => candidates - i);
      const times = Array.from({ length: RUNS }, () => {
        const started = performance.now();
        runAtOnce(diversify({ rows, scores }, items, k, 0.5));
        return performance.now() - started;
      });
      const milliseconds = Number(times.sort((a, b) => a - b)[RUNS >> 1]!.toFixed(3));
      return { dimensions, k, candidates, milliseconds };
    });
  });
}
