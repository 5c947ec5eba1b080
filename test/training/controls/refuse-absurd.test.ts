import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import { refuseAbsurd, refuseBeyond } from '../../../src/training/controls/refuse-absurd.ts';
import { csrOf } from '../../helpers/data.ts';

const learned = csrOf([
  [1, 1, 0, 0],
  [0, 1, 1, 0],
]);
const judge = (score: (item: number) => number) =>
  refuseAbsurd(
    ({ rows, columns }: Csr) => Float32Array.from({ length: rows * columns }, (_, i) => score(i % columns)),
    learned,
    createRng(1),
  );

describe('a trained student', () => {
  it('is published where its scores are numbers, whatever their scale', () => {
    expect(() => judge((item) => 1000 * item)).not.toThrow();
    expect(() => judge(() => 0)).not.toThrow();
  });

  it.each([
    ['are not finite', (item: number) => (item === 3 ? Number.NaN : 0), /not finite numbers/],
    ['are beyond a million', (item: number) => 1e7 * item, /reach 3\.00e\+7/],
    [
      'put another item far above all others',
      (item: number) => (item === 3 ? 9e5 : 0),
      /loss on known items/,
    ],
  ])('is refused where its scores %s', (_, score, message) => {
    expect(() => judge(score)).toThrow(expect.objectContaining({ code: 'training-diverged' }));
    expect(() => judge(score)).toThrow(message);
  });
});

describe('answers of ratings and labels', () => {
  it('are refused where they are no numbers or beyond what can be true', () => {
    expect(() => refuseBeyond(Float32Array.of(5, -5), 5)).not.toThrow();
    expect(() => refuseBeyond(Float32Array.of(5.1, 0), 5)).toThrow(/reach 5\.10, where at most 5\.00/);
    expect(() => refuseBeyond(Float32Array.of(0, Number.NaN))).toThrow(/not finite numbers/);
  });
});
