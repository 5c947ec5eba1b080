import { expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { drawByChance } from '../../../src/distillation/losses/chances.ts';

it('draws without repeats, keeps the order, and the surer an item the oftener it comes', () => {
  const chances = { items: Int32Array.of(7, 8, 9), chances: Float64Array.of(0.9, 0.05, 0.9) };
  const rng = createRng(3);
  const draws = Array.from({ length: 200 }, () => [...drawByChance(chances, 2, rng)].join());
  expect(new Set(draws)).toEqual(new Set(['7,8', '7,9', '8,9']));
  expect(draws.filter((draw) => draw === '7,9').length).toBeGreaterThan(150);
  expect([...drawByChance(chances, 5, rng)]).toEqual([7, 8, 9]);
});
