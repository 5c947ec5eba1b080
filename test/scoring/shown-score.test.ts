import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { scoreText, shownScore } from '../../src/scoring/shown-score.ts';

describe('a score as it is shown', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [3, '3.000000'],
    [1, '1.000000'],
    [1e-3, '0.001000000'],
    [-0.5, '-0.500000000'],
    [Math.fround(0.1), '0.100000001'],
    [0.9999999999, '1.000000000'],
    [123456.789, '123456.789000'],
    [999999.9999999, '1000000.000000'],
    [1e-7, '1e-7'],
    [-3.4028234663852886e38, '-3.402823e+38'],
    [1e6, '1000000'],
  ])('%d is %s', (score, text) => {
    expect(scoreText(score)).toBe(text);
    expect(JSON.parse(scoreText(score))).toBe(shownScore(score) + 0);
  });

  test('is the float32 to six digits at least, and the text reads back as the number', () => {
    const rng = createRng(5);
    for (let i = 0; i < 20_000; i++) {
      const score = Math.fround(rng.normal() * 10 ** (rng.int(20) - 10));
      const shown = shownScore(score);
      expect(Math.abs(shown - score)).toBeLessThanOrEqual(5e-7 * Math.abs(score));
      expect(JSON.parse(scoreText(score))).toBe(shown);
    }
  });
});
