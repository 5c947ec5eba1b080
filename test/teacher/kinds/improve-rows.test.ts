import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { solveRows } from '../../../src/teacher/kinds/fold-in-solve.ts';
import { improveRows } from '../../../src/teacher/kinds/improve-rows.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';

const observed = csrOf([
  [1, 2, 0, 0],
  [0, 0, 0, 0],
  [0, 1, 1, 3],
]);
const ridge = { unobservedWeight: 0.2, regularization: 0.05 };
const rng = createRng(1);
const factors = Float32Array.from({ length: 12 }, () => rng.normal());

async function improved(start: Float32Array, steps: number): Promise<Float32Array> {
  const work = improveRows(await testEngine(), factors, observed, ridge, start, steps);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

describe('rows that are improved step by step', () => {
  it('end where solving ends, after as many steps as there are dimensions', async () => {
    const engine = await testEngine();
    const y = engine.tf.tensor2d(factors, [4, 3]);
    const solved = solveRows(engine, y, observed, ridge);
    y.dispose();
    const found = await improved(new Float32Array(9).fill(1), 3);
    for (const [i, x] of solved.entries()) expect(found[i]).toBeCloseTo(x, 4);
    expect([...found.subarray(3, 6)]).toEqual([0, 0, 0]);
    // A solution stays where it is.
    const again = await improved(solved, 2);
    for (const [i, x] of solved.entries()) expect(again[i]).toBeCloseTo(x, 4);
  });

  it('leave no tensor behind, nor where they stop between two steps', async () => {
    const engine = await testEngine();
    await expectNoLeak(async () => {
      const work = improveRows(engine, factors, observed, ridge, new Float32Array(9), 3);
      work.next();
      work.return(factors);
    });
  });
});
