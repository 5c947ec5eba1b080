import { expect, it } from 'vitest';
import { TIME_STEPS, timeLabels } from '../../../src/console/parts/time-ticks.ts';

const at = (text: string) => new Date(text).getTime() / 1000;

it('writes a short span with hours, and the day once', () => {
  const ticks = ['2026-03-01T12:00:42', '2026-03-01T12:00:43'].map(at);
  expect(timeLabels(ticks, 1)).toEqual(['12:00:42\n1 Mar', '12:00:43']);
  expect(Math.min(...TIME_STEPS)).toBe(1);
});

it('names the day, or the year, where another one begins', () => {
  const night = ['2026-03-01T18:00:00', '2026-03-02T00:00:00'].map(at);
  expect(timeLabels(night, 6 * 3600)).toEqual(['18:00\n1 Mar', '00:00\n2 Mar']);
  const winter = ['2025-12-30T00:00:00', '2025-12-31T00:00:00', '2026-01-01T00:00:00'].map(at);
  expect(timeLabels(winter, 86_400)).toEqual(['30 Dec\n2025', '31 Dec', '1 Jan\n2026']);
  expect(timeLabels(winter.slice(1), 365 * 86_400)).toEqual(['2025', '2026']);
});
