import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { decideTimes, type TimeOptions } from '../../src/ingest/times/decide.ts';
import { patternReader } from '../../src/ingest/times/pattern.ts';
import { zoneOf } from '../../src/ingest/times/zone.ts';

/** The decision for a column and its first time. */
function decide(texts: string | string[], options: TimeOptions = {}) {
  const sample = [texts].flat();
  const decided = decideTimes(sample, options);
  if (typeof decided === 'string') return decided;
  const ms = decided.read(sample[0]!);
  return { name: decided.name, time: Number.isNaN(ms) ? 'none' : new Date(ms).toISOString() };
}

describe('auto reads what systems write', () => {
  it.each([
    ['2026-03-01T12:00:00Z', 'iso', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01 12:00:00+00', 'iso', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01 12:00:00+00:00', 'iso', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01 12:00:00.123456+05:30', 'iso', '2026-03-01T06:30:00.123Z'],
    ['2026-02-24 16:37:52 -0500', 'iso', '2026-02-24T21:37:52.000Z'],
    ['2026-03-01 12:00:00 UTC', 'iso', '2026-03-01T12:00:00.000Z'],
    ['2026/3/1 9:05', 'iso', '2026-03-01T09:05:00.000Z'],
    ['Fri Aug 25 13:55:02 -0700 2017', 'EEE MMM d H:mm:ss ZZZ yyyy', '2017-08-25T20:55:02.000Z'],
    ['Fri, 25 Aug 2017 13:55:02 GMT', 'EEE, d MMM yyyy H:mm:ss ZZZ', '2017-08-25T13:55:02.000Z'],
    ['11/11/2019 9:05:58 AM', 'M/d/yyyy h:mm:ss a', '2019-11-11T09:05:58.000Z'],
    ['11/11/2019 12:05:58 PM', 'M/d/yyyy h:mm:ss a', '2019-11-11T12:05:58.000Z'],
    ['24.02.2026 16:37', 'dd.MM.yyyy H:mm', '2026-02-24T16:37:00.000Z'],
    ['01-Jan-1995', 'd-MMM-yyyy', '1995-01-01T00:00:00.000Z'],
    ['25/Aug/2017:13:55:02 -0700', 'd/MMM/yyyy:H:mm:ss ZZZ', '2017-08-25T20:55:02.000Z'],
    ['20260301T120000Z', "yyyyMMdd'T'HHmmssZ", '2026-03-01T12:00:00.000Z'],
    ['20260301', 'yyyyMMdd', '2026-03-01T00:00:00.000Z'],
    ['20260301123456', 'yyyyMMddHHmmss', '2026-03-01T12:34:56.000Z'],
    ['46082.5', 'excel', '2026-03-01T12:00:00.000Z'],
    ['881250949', 's', '1997-12-04T15:55:49.000Z'],
    ['8.81250949e8', 's', '1997-12-04T15:55:49.000Z'],
    ['1772366400123', 'ms', '2026-03-01T12:00:00.123Z'],
    ['1772366400123456', 'us', '2026-03-01T12:00:00.123Z'],
    ['1772366400123456789', 'ns', '2026-03-01T12:00:00.123Z'],
  ])('%s', (text, name, time) => {
    expect(decide(text)).toEqual({ name, time });
  });

  it('one day that does not exist costs its line, not the column', () => {
    expect(decide(['20260301', '20260230'])).toEqual({ name: 'yyyyMMdd', time: '2026-03-01T00:00:00.000Z' });
    expect(decide(['20260230', '20260301', '20260302'])).toEqual({ name: 'yyyyMMdd', time: 'none' });
    const many = Array.from({ length: 20 }, (_, i) => `202603011234${String(i + 10)}`);
    expect(decide([...many, '20260230123456'])).toMatchObject({ name: 'yyyyMMddHHmmss' });
    // Numbers that are none in the greater part are none at all.
    expect(decide(['20260230', '20269999', '20260301'])).toMatch(/would be times before 1973/);
    expect(decide(['20260301', '12'])).toMatch(/would be times before 1973/);
  });

  it('looks at the column for what is the day and what the month', () => {
    expect(decide(['03/04/2026', '24/04/2026'])).toEqual({
      name: 'd/M/yyyy',
      time: '2026-04-03T00:00:00.000Z',
    });
    expect(decide(['03/04/2026', '04/24/2026'])).toEqual({
      name: 'M/d/yyyy',
      time: '2026-03-04T00:00:00.000Z',
    });
    expect(decide(['03/04/2026', '05/06/2026'])).toMatch(
      /day or the month first; say timestampFormat=d\/M\/yyyy or timestampFormat=M\/d\/yyyy/,
    );
    expect(decide(['03/03/2026'])).toMatchObject({ time: '2026-03-03T00:00:00.000Z' });
  });

  it.each([
    ['46082', /timestampFormat=excel/],
    ['12', /places in a sequence/],
    ['0', /before 1973/],
  ])('never makes 1970 of %s', (text, reason) => {
    expect(decide(text)).toMatch(reason);
  });

  it('takes what is no such time for none, and never for another', () => {
    const decided = decideTimes(Array.from({ length: 20 }, () => '2026-03-01'));
    if (typeof decided === 'string') throw new Error(decided);
    for (const text of ['20260301', '46082.5', '2026-02-30', '2026-03-01T25:00', 'x'])
      expect(decided.read(text)).toBeNaN();
  });

  it('reads each number by its size where a column has several units', () => {
    expect(decide(['1772366400', '1772366400000'])).toMatchObject({
      name: expect.stringContaining('by the size'),
    });
  });
});

describe('a format that is named', () => {
  it.each([
    ['s', '12', '1970-01-01T00:00:12.000Z'],
    ['us', '1772366400123456', '2026-03-01T12:00:00.123Z'],
    ['excel', '46082', '2026-03-01T00:00:00.000Z'],
    ['iso', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    ["dd.MM.yy HH'h'mm", '24.02.26 16h37', '2026-02-24T16:37:00.000Z'],
    ['ms', 'x', 'none'],
  ])('%s of %s', (format, text, time) => {
    expect(decide(text, { format })).toMatchObject({ time });
  });

  it.each([
    ['QQ', /the token Q is not known/],
    ['HH:mm', /needs a year/],
    ['seconds', /it is auto, iso, excel, s, ms, us, ns or a pattern/],
  ])('%s is refused', (format, reason) => {
    expect(decide('x', { format })).toMatch(reason);
  });
});

describe('a zone', () => {
  it.each([
    ['Europe/Berlin', '2026-07-01 12:00', '2026-07-01T10:00:00.000Z'],
    ['Europe/Berlin', '2026-01-01 12:00', '2026-01-01T11:00:00.000Z'],
    ['Europe/Berlin', '2026-01-01 12:00Z', '2026-01-01T12:00:00.000Z'],
    ['+05:30', '2026-01-01 12:00', '2026-01-01T06:30:00.000Z'],
    ['America/New_York', '46082.5', '2026-03-01T17:00:00.000Z'],
  ])('%s is that of %s', (timezone, text, time) => {
    expect(decide(text, { timezone })).toMatchObject({ time });
  });

  it('agrees with Luxon at any hour of the clocks, those of a change too', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      const toUtc = zoneOf(zone);
      fc.assert(
        fc.property(
          fc.date({ min: new Date('1975-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
          (date) => {
            const wall = Math.floor(date.getTime() / 60_000) * 60_000;
            const ours = toUtc(wall);
            // Where the clocks skip or repeat an hour two answers are right.
            const theirs = DateTime.fromMillis(wall, { zone: 'utc' })
              .setZone(zone, { keepLocalTime: true })
              .toMillis();
            expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(3_600_000);
            if (DateTime.fromMillis(theirs, { zone }).getPossibleOffsets().length === 1 && ours !== theirs) {
              expect(DateTime.fromMillis(theirs, { zone }).hour).not.toBe(new Date(wall).getUTCHours());
            }
          },
        ),
        { numRuns: 200 },
      );
    }
  });
});

it('patterns read what Luxon reads', () => {
  const utc = zoneOf('UTC');
  const patterns = [
    'yyyy-MM-dd HH:mm:ss',
    'd/M/yyyy h:mm a',
    'EEE, d MMM yyyy H:mm:ss ZZZ',
    'MMMM d, yyyy',
    'dd.MM.yyyy HH:mm:ss.SSS',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns),
      fc.date({ min: new Date('1971-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
      (pattern, date) => {
        const text = DateTime.fromJSDate(date, { zone: 'utc' }).setLocale('en-US').toFormat(pattern);
        const luxon = DateTime.fromFormat(text, pattern, { zone: 'utc', locale: 'en-US' }).toMillis();
        const read = patternReader(pattern, utc);
        expect(typeof read === 'string' ? read : read(text)).toBe(luxon);
      },
    ),
    { numRuns: 300 },
  );
});
