import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextRun } from '../../../src/domain/jobs/cron.ts';

const NOON = Date.UTC(2026, 2, 28, 12);

afterEach(() => void vi.unstubAllEnvs());

describe('the next run', () => {
  it.each([
    ['UTC', '2026-03-29T03:00:00.000Z'],
    ['Asia/Tokyo', '2026-03-28T18:00:00.000Z'],
    ['America/New_York', '2026-03-29T07:00:00.000Z'],
    // Summer time begins in that night: by its clock three o'clock is an hour earlier than the day before.
    ['Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  ])("goes by the clock of %s, not by the machine's", async (timeZone, expected) => {
    for (const machine of ['UTC', 'America/Los_Angeles', 'Asia/Kolkata']) {
      vi.stubEnv('TZ', machine);
      expect(new Date(await nextRun('0 3 * * *', timeZone, NOON)).toISOString()).toBe(expected);
    }
  });
});
