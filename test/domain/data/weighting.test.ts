import { describe, expect, it } from 'vitest';
import { DEFAULT_WEIGHTING, interactionWeight, type Weighting } from '../../../src/domain/data/weighting.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const weighting: Weighting = {
  types: { rating: { weight: 2, minValue: 4 }, view: { weight: 0 } },
  otherTypes: 0.5,
  halfLifeDays: 10,
};

describe('the weight of an interaction', () => {
  it('is that of its type, or that of other types', () => {
    expect(interactionWeight(weighting, 'rating', 5, NOW, NOW)).toBe(2);
    expect(interactionWeight(weighting, 'click', null, NOW, NOW)).toBe(0.5);
    expect(interactionWeight(weighting, 'view', null, NOW, NOW)).toBe(0);
  });

  it('is zero below the least value, and only there', () => {
    expect(interactionWeight(weighting, 'rating', 3.9, NOW, NOW)).toBe(0);
    expect(interactionWeight(weighting, 'rating', 4, NOW, NOW)).toBe(2);
    expect(interactionWeight(weighting, 'rating', null, NOW, NOW)).toBe(2);
  });

  it('halves with every half-life', () => {
    expect(interactionWeight(weighting, 'rating', 5, NOW - 10 * DAY, NOW)).toBe(1);
    expect(interactionWeight(weighting, 'rating', 5, NOW - 20 * DAY, NOW)).toBe(0.5);
    expect(interactionWeight(weighting, 'rating', 5, NOW - 5 * DAY, NOW)).toBeCloseTo(Math.SQRT2, 12);
  });

  it('does not age without a time, and does not grow when the time lies ahead', () => {
    expect(interactionWeight(weighting, 'rating', 5, null, NOW)).toBe(2);
    expect(interactionWeight(weighting, 'rating', 5, NOW + 5 * DAY, NOW)).toBe(2);
  });

  it('by default is 1 for everything but ratings below 4, however old', () => {
    expect(interactionWeight(DEFAULT_WEIGHTING, 'click', null, 0, NOW)).toBe(1);
    expect(interactionWeight(DEFAULT_WEIGHTING, 'rating', 4, 0, NOW)).toBe(1);
    expect(interactionWeight(DEFAULT_WEIGHTING, 'rating', 3, 0, NOW)).toBe(0);
  });

  it('takes a type that is called like a member of every object for any other type', () => {
    expect(interactionWeight(weighting, 'constructor', null, NOW, NOW)).toBe(0.5);
    expect(interactionWeight(weighting, 'toString', null, NOW, NOW)).toBe(0.5);
  });
});
