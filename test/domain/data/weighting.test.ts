import { describe, expect, it } from 'vitest';
import { completeEvent } from '../../../src/domain/data/event-type.ts';
import {
  DEFAULT_WEIGHTING,
  interactionWeight,
  meaningIn,
  resolveEvents,
  type Weighting,
} from '../../../src/domain/data/weighting.ts';

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

describe('what types mean', () => {
  it('to a job is the word of the installation, or its own', () => {
    const installed = (type: string) => completeEvent(type, type === 'frob' ? { meaning: 'negative' } : {});
    const { events, unknown } = resolveEvents(
      { types: { click: { weight: 3 } }, events: { spin: { meaning: 'positive', weight: 2 } } },
      ['click', 'view', 'frob', 'dislike', 'spin', 'wobble'],
      installed,
    );
    expect(Object.entries(events).map(([type, { meaning, weight }]) => [type, meaning, weight])).toEqual([
      ['click', 'positive', 3],
      ['dislike', 'negative', 1],
      ['frob', 'negative', 1],
      ['spin', 'positive', 2],
      ['view', 'positive', 0],
    ]);
    expect(unknown).toEqual(['wobble']);
  });

  it('to a version is what it was trained with, then the word of the installation', () => {
    const weighting: Weighting = {
      ...{ types: {}, otherTypes: 1, halfLifeDays: null },
      events: { click: completeEvent('click', { weight: 5 })! },
    };
    const installed = (type: string) => completeEvent(type, type === 'later' ? { meaning: 'positive' } : {});
    expect(meaningIn(weighting, 'click', installed)?.weight).toBe(5);
    expect(meaningIn(weighting, 'later', installed)?.weight).toBe(1);
    expect(meaningIn(weighting, 'unheard', installed)).toBeNull();
    expect(meaningIn({ ...weighting, otherTypes: 0 }, 'later', installed)?.weight).toBe(0);
  });

  it('to a version of an earlier release is what it carries, and a dislike is one', () => {
    expect(meaningIn(DEFAULT_WEIGHTING, 'dislike')?.meaning).toBe('negative');
    expect(meaningIn(DEFAULT_WEIGHTING, 'frobnicate')).toMatchObject({ meaning: 'positive', weight: 1 });
    expect(meaningIn(DEFAULT_WEIGHTING, 'purchase')).toMatchObject({ weight: 1, value: { as: 'none' } });
  });
});
