import { expect, it } from 'vitest';
import { dominates, frontOf, kneeOf, type Point } from '../../../src/domain/releases/front.ts';

const at = (bytes: number, merit: number, microseconds: number | null = null): Point => ({
  bytes,
  merit,
  microseconds,
});

it('dominates by being as good in all three and better in one, times a tenth apart being equal', () => {
  expect(dominates(at(10, 0.3), at(20, 0.3))).toBe(true);
  expect(dominates(at(10, 0.3), at(10, 0.3))).toBe(false);
  expect(dominates(at(10, 0.3, 105), at(20, 0.2, 100))).toBe(true);
  expect(dominates(at(10, 0.3, 120), at(20, 0.2, 100))).toBe(false);
  expect(dominates(at(10, 0.3, 80), at(10, 0.3, 100))).toBe(true);
  expect(dominates(at(10, 0.3, 95), at(10, 0.3, 100))).toBe(false);
});

it('leaves on the front what nothing dominates, the smallest first', () => {
  const [small, middle, large, worse, slowLarge] = [
    at(10, 0.1, 10),
    at(20, 0.25, 20),
    at(80, 0.3, 80),
    at(30, 0.2, 30),
    at(90, 0.2, 5),
  ];
  expect(frontOf([slowLarge, large, worse, small, middle])).toEqual([small, middle, large, slowLarge]);
});

it('finds the knee where the front bends most, above the chord from its smallest to its best', () => {
  // Scaled to 0..1: (0, 0), (.1, .8), (.4, .9), (1, 1); heights above the chord 0, .7, .5, 0.
  const points = [at(100, 0.1), at(190, 0.26), at(460, 0.28), at(1000, 0.3)];
  const knee = kneeOf([...points].reverse(), 0.02)!;
  expect(knee).toMatchObject({ point: points[1], method: 'chord' });
  expect(knee.distance).toBeCloseTo(0.7, 10);
  // One that others dominate plays no part, whatever its time.
  expect(kneeOf([...points, at(150, 0.05, 1)], 0.02)!.point).toEqual(points[1]);
});

it('takes the smallest within the margin where nothing bends', () => {
  const flat = [at(100, 0.297), at(200, 0.299), at(900, 0.3)];
  expect(kneeOf(flat, 0.02)).toEqual({ point: flat[0], method: 'smallest-within-margin', distance: null });
  const two = [at(100, 0.1), at(200, 0.3)];
  expect(kneeOf(two, 0.02)).toMatchObject({ point: two[1], method: 'smallest-within-margin' });
  // Below the chord all along: each further byte is worth more than the one before.
  const convex = [at(100, 0.1), at(500, 0.12), at(1000, 0.3)];
  expect(kneeOf(convex, 0.02)).toMatchObject({ point: convex[2], method: 'smallest-within-margin' });
  expect(kneeOf([at(5, -1)], 0.02)).toMatchObject({ method: 'one-point' });
  expect(kneeOf([], 0.02)).toBeNull();
});

it('reads errors, whose merit is negative, alike', () => {
  const errors = [at(100, -1.5), at(190, -1.0), at(460, -0.95), at(1000, -0.9)];
  expect(kneeOf(errors, 0.02)!.point).toBe(errors[1]);
});
