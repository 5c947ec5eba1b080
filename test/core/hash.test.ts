import { expect, test } from 'vitest';
import { hashOf, hashOfColumns } from '../../src/core/hash.ts';

test('is equal for equal values, whatever the order of their members', () => {
  expect(hashOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(hashOf({ b: { d: null, c: [1, 2] }, a: 1 }));
});

test.each([
  [['a', 'b'], ['ab']],
  [[{ a: 1 }], [{ a: '1' }]],
  [[[1, 2]], [[2, 1]]],
  [[], [null]],
])('differs between %j and %j', (one, other) => {
  expect(hashOf(...one)).not.toBe(hashOf(...other));
});

// Checkpoints, cached teachers and remembered requests are found by it.
test('is what it was: SHA-256 of the parts as JSON', () => {
  // printf '["teacher",{"a":1,"b":2}]' | sha256sum
  expect(hashOf('teacher', { b: 2, a: 1 })).toBe(
    'd7c5102484d09431a84d9759231b477370798b9feb07a5696a1cf056c2cfe50a',
  );
});

test('of columns is of their own bytes, not of all the memory that they look into', () => {
  const memory = Int32Array.of(7, 1, 2, 7);
  expect(hashOfColumns('x', [memory.subarray(1, 3)])).toBe(hashOfColumns('x', [Int32Array.of(1, 2)]));
  expect(hashOfColumns('x', [Int32Array.of(1, 2)])).not.toBe(hashOfColumns('x', [Int32Array.of(2, 1)]));
  expect(hashOfColumns('x', [Int32Array.of(1)])).not.toBe(hashOfColumns('y', [Int32Array.of(1)]));
});
