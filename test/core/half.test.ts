import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../src/core/half.ts';

describe('half precision', () => {
  // Bits from the tables of IEEE 754 binary16.
  it.each([
    [0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.333251953125, 0x3555],
    [65_504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [1023 * 2 ** -24, 0x03ff],
  ])('%d is %i', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
    expect(fromHalf(bits)).toBe(value);
  });

  it('rounds to the nearest, ties to even, and stays finite', () => {
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(fromHalf(toHalf(1.5 * 2 ** -24))).toBe(2 * 2 ** -24);
    expect(fromHalf(toHalf(2047.999))).toBe(2048);
    expect(fromHalf(toHalf(1e9))).toBe(65_504);
    expect(toHalf(1e-12)).toBe(0);
  });

  it('keeps every one of its numbers', () => {
    for (let bits = 0; bits < 0x7c00; bits++) expect(toHalf(fromHalf(bits))).toBe(bits);
  });
});
