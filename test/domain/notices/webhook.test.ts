import { describe, expect, it } from 'vitest';
import { MOST_ATTEMPTS, pauseAfter } from '../../../src/domain/notices/backoff.ts';
import { wantsNotice } from '../../../src/domain/notices/webhook.ts';

describe('wantsNotice', () => {
  it('goes by kind and model, and who names models hears of nothing without one', () => {
    const notice = { kind: 'job.ended', model: 'movies' } as const;
    expect(wantsNotice({ kinds: null, models: null }, notice)).toBe(true);
    expect(wantsNotice({ kinds: ['job.ended'], models: ['movies'] }, notice)).toBe(true);
    expect(wantsNotice({ kinds: ['drift.found'], models: null }, notice)).toBe(false);
    expect(wantsNotice({ kinds: null, models: ['books'] }, notice)).toBe(false);
    expect(wantsNotice({ kinds: null, models: ['books'] }, { kind: 'job.ended' })).toBe(false);
    expect(wantsNotice({ kinds: null, models: null }, { kind: 'job.ended' })).toBe(true);
  });
});

describe('pauseAfter', () => {
  it('grows to six hours, and ends after about a day', () => {
    const pauses = Array.from({ length: MOST_ATTEMPTS }, (_, i) => pauseAfter(i + 1, 0));
    expect(pauses.slice(0, 4)).toEqual([5_000, 20_000, 80_000, 320_000]);
    expect(pauses.at(-1)).toBeNull();
    const hours = pauses.reduce<number>((sum, pause) => sum + (pause ?? 0), 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(30);
  });

  it('is by chance up to a quarter shorter, and never shorter than the receiver asks for', () => {
    expect(pauseAfter(2, 1)).toBe(15_000);
    expect(pauseAfter(1, 1, 60_000)).toBe(60_000);
    expect(pauseAfter(1, 0, 1_000)).toBe(5_000);
    // A receiver that asks for a year is tried within the longest pause.
    expect(pauseAfter(1, 0, 1e12)).toBe(6 * 3_600_000);
  });
});
