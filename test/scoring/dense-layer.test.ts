import { expect, test } from 'vitest';
import { denseLayer } from '../../src/scoring/dense-layer.ts';

test('a dense layer is the bias and the weighed sum of the rows of its weights', () => {
  const out = Float64Array.of(9, 9);
  denseLayer(
    Float32Array.of(2, 0, -1),
    Float32Array.of(1, 10, 3, 30, 5, 50),
    Float32Array.of(0.5, -0.5),
    out,
  );
  expect([...out]).toEqual([0.5 + 2 - 5, -0.5 + 20 - 50]);
});
