import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/domain/traffic/judge.ts';
import type { Moments } from '../../../src/domain/traffic/moments.ts';
import { rateOf } from '../../../src/domain/traffic/rates.ts';
import { compareMeans } from '../../../src/domain/traffic/sequential-test.ts';
import { completeTest, trafficProblem } from '../../../src/domain/traffic/traffic.ts';

/** Users of whom each did or did not. */
const shares = (users: number, sum: number): Moments => ({ users, sum, squares: sum });
const TEST = completeTest({ metric: 'conversions', endAfter: { users: 10_000 } });
const observed = (control: Moments, candidate: Moments, more = {}) => ({
  control,
  candidates: { candidate },
  stopped: 0,
  days: 1,
  ...more,
});

describe('the sequential test', () => {
  it('is the boundary of the normal mixture, by hand', () => {
    const found = compareMeans(shares(1000, 100), shares(1000, 130), { alpha: 0.05, planned: 2000 })!;
    // Of users of both .1 * .9 and .13 * .87; the lesser is taken as the mean of both.
    const [own, other] = [(0.1 * 0.9 * 1000) / 999, (0.13 * 0.87 * 1000) / 999];
    const variance = ((own + other) / 2 + other) / 1000;
    const rho2 = (-2 * Math.log(0.05) + Math.log(-2 * Math.log(0.05) + 1)) / 2000;
    const half = Math.sqrt(
      variance * ((2000 * rho2 + 1) / (2000 * rho2)) * Math.log((2000 * rho2 + 1) / 0.05 ** 2),
    );
    expect(found.estimate).toBeCloseTo(0.03, 12);
    expect(found.high - found.estimate).toBeCloseTo(half, 10);
    // Wider than the interval of a single look.
    expect(half).toBeGreaterThan(1.96 * Math.sqrt(variance));
  });

  it('has a p-value below alpha exactly where the interval leaves 0 out', () => {
    for (let sum = 100; sum < 200; sum++) {
      const found = compareMeans(shares(1000, 100), shares(1000, sum), { alpha: 0.05, planned: 2000 })!;
      expect(found.pValue < 0.05, `${sum}`).toBe(found.low > 0);
    }
  });

  it('does not take a few users of whom none reacted for certain', () => {
    const options = { alpha: 0.05, planned: 20_000 };
    expect(compareMeans(shares(19_800, 99), shares(200, 0), options)!.high).toBeGreaterThan(0);
    expect(compareMeans(shares(19_800, 1980), shares(200, 0), options)!.high).toBeLessThan(0);
  });

  it('says nothing of too few users, nor of users who all did the same', () => {
    const options = { alpha: 0.05, planned: 1000 };
    expect(compareMeans(shares(1, 1), shares(500, 20), options)).toBeNull();
    expect(compareMeans(shares(500, 0), shares(500, 0), options)).toBeNull();
  });
});

describe('an experiment', () => {
  const kind = (...what: Parameters<typeof judge>) => judge(...what).decision.kind;

  it('goes on, ends with a winner, stops what harms, or ends without a difference', () => {
    expect(kind(observed(shares(2000, 200), shares(2000, 210)), TEST)).toBe('go-on');
    expect(kind(observed(shares(2000, 200), shares(2000, 320)), TEST)).toBe('better');
    expect(kind(observed(shares(2000, 200), shares(2000, 100)), TEST)).toBe('worse');
    expect(kind(observed(shares(5000, 500), shares(5000, 510)), TEST)).toBe('undecided');
    expect(kind(observed(shares(2000, 200), shares(2000, 210), { days: 28 }), TEST)).toBe('undecided');
  });

  it('decides nothing before each variant has its users', () => {
    const found = judge(observed(shares(2000, 200), shares(199, 199)), TEST);
    expect(found.decision.kind).toBe('go-on');
    expect(found.comparisons.candidate!.verdict).toBe('too-few');
  });

  it('lets a variant be worse within the harm that is allowed', () => {
    const worse = observed(shares(4000, 800), shares(4000, 660));
    expect(kind(worse, { ...TEST, endAfter: { days: 28 } })).toBe('worse');
    expect(kind(worse, { ...TEST, endAfter: { days: 28 }, harm: 0.2 })).toBe('go-on');
  });

  it('asks more of one of several, those that were stopped included', () => {
    const just = observed(shares(2000, 200), shares(2000, 271));
    expect(kind(just, TEST)).toBe('better');
    expect(kind({ ...just, stopped: 4 }, TEST)).toBe('go-on');
  });

  it('takes the best of two that are better', () => {
    const both = { better: shares(2000, 350), best: shares(2000, 420) };
    const found = judge({ control: shares(2000, 200), candidates: both, stopped: 0, days: 1 }, TEST);
    expect(found.decision).toEqual({ kind: 'better', variant: 'best' });
  });
});

describe('rates', () => {
  it('have the interval of users and not of recommendations', () => {
    const each = Array.from({ length: 400 }, (_, i) => ({
      served: 1,
      clicked: i % 4 === 0 ? 1 : 0,
      conversions: 0,
      revenue: 0,
    }));
    const alone = rateOf(each, 'clicked');
    expect(alone.value).toBe(0.25);
    // The binomial one.
    expect(alone.high! - 0.25).toBeCloseTo(1.96 * Math.sqrt((0.25 * 0.75) / 399), 4);
    // Users who do the same each of ten times tell no more than once.
    const tenTimes = each.map((one) => ({ ...one, served: 10, clicked: 10 * one.clicked }));
    const repeated = rateOf(tenTimes, 'clicked');
    expect(repeated.value).toBe(0.25);
    expect(repeated.high).toBeCloseTo(alone.high!, 10);
  });

  it('are unknown of nothing, and without an interval of one user', () => {
    expect(rateOf([], 'clicked')).toEqual({ value: null, low: null, high: null });
    const one = { served: 4, clicked: 1, conversions: 1, revenue: 8 };
    expect(rateOf([one], 'revenue')).toEqual({ value: 2, low: null, high: null });
  });
});

it.each([
  [{ shares: { stable: 90, candidate: 20 } }, 'stable + candidate is 110'],
  [{ shares: { candidate: 100 } }, 'shares must have stable'],
  [{ shares: { stable: 100 } }, 'there is no shadow'],
  [{ shares: { stable: 90, '0x1': 10 } }, '"0x1"'],
  [{ shares: { stable: 100 }, shadow: { version: 2, sample: 1 }, test: { metric: 'revenue' } }, 'test needs'],
  [
    { shares: { stable: 50, candidate: 50 }, test: { metric: 'revenue', endAfter: { users: 300 } } },
    '400 together; got 300',
  ],
] as const)('says what is wrong with %j', (traffic, expected) => {
  expect(trafficProblem(traffic as never)).toContain(expected);
});
