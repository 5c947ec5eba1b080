import { expect, it } from 'vitest';
import { linesOf, onlineName, rateOf } from '../../../../src/console/pages/rollout/days.ts';
import { ONLINE } from '../../../../src/http/docs/online-example.ts';

const [candidate, stable] = ONLINE.versions;

it('names versions with the variant that they answered as', () => {
  expect(onlineName(candidate!)).toBe('candidate (version 5)');
  expect(onlineName({ version: 5, variant: null })).toBe('version 5');
});

it('takes a rate with its interval, and none where there is none', () => {
  expect(rateOf(stable!, 'clickThrough')).toEqual({ value: 0.08, low: 0.0741, high: 0.0859 });
  expect(rateOf({ ...stable!, conversionsInterval: null }, 'conversions')).toEqual({
    value: 0,
    low: null,
    high: null,
  });
});

it('draws every version over all days, those without a list too', () => {
  const { days, lines } = linesOf(
    [
      { day: '2026-02-27', versions: [stable!] },
      { day: '2026-03-01', versions: [candidate!, stable!] },
    ],
    'clickThrough',
  );
  expect(days).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  expect(lines.map(({ name, points }) => [name, points.map((point) => point?.value ?? null)])).toEqual([
    ['candidate (version 5)', [null, null, 0.0876]],
    ['stable (version 4)', [0.08, null, 0.08]],
  ]);
  expect(linesOf([], 'revenue')).toEqual({ days: [], lines: [] });
});
