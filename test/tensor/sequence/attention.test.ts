import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Tensor } from '../../../src/tensor/engine.ts';
import { attend, causalMask, newestMask, type Padded } from '../../../src/tensor/sequence/attention.ts';
import { testEngine } from '../../helpers/engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** Two rows of three places; the first place of the second row is padding. */
const PADDED: Padded = { rows: 2, length: 3, lengths: Int32Array.of(3, 2) };

/** The places that may be looked at: 1 where the mask adds nothing. */
function allowed(mask: Tensor): number[] {
  const values = Array.from(mask.dataSync());
  mask.dispose();
  for (const value of values) expect(value === 0 || value <= -1e8).toBe(true);
  return values.map((value) => Number(value === 0));
}

describe('the causal mask', () => {
  it('lets each place see itself and the places in use before it, never a later one', () => {
    const mask = causalMask(engine, PADDED);
    expect(mask.shape).toEqual([2, 1, 3, 3]);
    // biome-ignore format: one line for each place
    expect(allowed(mask)).toEqual([
      1, 0, 0,
      1, 1, 0,
      1, 1, 1,

      0, 0, 0,
      0, 1, 0,
      0, 1, 1,
    ]);
  });

  it('of the newest place alone lets it see all places in use', () => {
    const mask = newestMask(engine, PADDED);
    expect(mask.shape).toEqual([2, 1, 1, 3]);
    expect(allowed(mask)).toEqual([1, 1, 1, 0, 1, 1]);
  });
});

describe('attention', () => {
  /** All scores are equal, so that each place takes the mean of what it sees. */
  const means = (heads: number) =>
    engine.tf.tidy(() => {
      const equal = engine.tf.zeros([6, 2]);
      const v = engine.tf.tensor2d([1, 10, 3, 20, 8, 60, 1000, 1000, 4, 40, 6, 80], [6, 2]);
      const mask = causalMask(engine, PADDED);
      return Array.from(attend(engine, { q: equal, k: equal, v }, { rows: 2, heads, mask }).dataSync());
    });

  it.each([1, 2])('with %i heads mixes what each place sees, and nothing of later places', (heads) => {
    const mixed = means(heads);
    const first = [1, 10, 2, 15, 4, 30];
    // The fourth place is padding: nobody reads it.
    const second = [4, 40, 5, 60];
    for (const [i, value] of first.entries()) expect(mixed[i]).toBeCloseTo(value, 4);
    for (const [i, value] of second.entries()) expect(mixed[8 + i]).toBeCloseTo(value, 4);
  });

  it('divides scores by the root of the width of a head', () => {
    const shares = engine.tf.tidy(() => {
      // The only query is (2 ln 3, 0, 0, 0), its two keys (1, 0, 0, 0) and 0: scores 2 ln 3 / sqrt(4) and 0.
      const q = engine.tf.tensor2d([2 * Math.log(3), 0, 0, 0], [1, 4]);
      const k = engine.tf.tensor2d([1, 0, 0, 0, 0, 0, 0, 0], [2, 4]);
      const v = engine.tf.tensor2d([1, 0, 0, 0, 0, 1, 0, 0], [2, 4]);
      const mask = newestMask(engine, { rows: 1, length: 2, lengths: Int32Array.of(2) });
      return Array.from(attend(engine, { q, k, v }, { rows: 1, heads: 1, mask }).dataSync());
    });
    expect(shares[0]).toBeCloseTo(0.75, 5);
    expect(shares[1]).toBeCloseTo(0.25, 5);
  });
});
