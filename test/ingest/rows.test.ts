import { describe, expect, it } from 'vitest';
import { completeEvent } from '../../src/domain/data/event-type.ts';
import { installedFrom } from '../../src/domain/data/installed.ts';
import { type Parsed, parseInteraction, parseItem, parseUser } from '../../src/ingest/rows.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const good = { userId: 'ann', itemId: 'film-1', type: 'click' };

describe('an interaction', () => {
  it('is taken with no more than user, item and type, and is not stamped with a time', () => {
    expect(parseInteraction(good, NOW)).toEqual({
      ok: { ...good, value: null, timestamp: null, eventId: null },
    });
  });

  it('keeps value, time and event id', () => {
    const row = {
      ...good,
      type: 'rating',
      value: 4.5,
      timestamp: '2026-03-01T13:00:00+02:00',
      eventId: 'e/1',
    };
    expect(parseInteraction(row, NOW)).toEqual({
      ok: { ...row, timestamp: Date.parse('2026-03-01T11:00:00Z') },
    });
  });

  it.each(['a/b', ' ', 'a b', '🎬', '..', '.', '%00', '\\', 'é'.repeat(128), 'x'.repeat(256)])(
    'takes the id %j as it is',
    (id) => {
      const row = { ...good, userId: id, itemId: id, eventId: id };
      expect(parseInteraction(row, NOW)).toMatchObject({ ok: { userId: id, itemId: id, eventId: id } });
    },
  );

  it('takes nulls for absent fields, and whole numbers for the ids that they are written as', () => {
    const row = {
      userId: 42,
      itemId: 9007199254740991,
      type: 'click',
      value: null,
      timestamp: null,
      eventId: null,
    };
    expect(parseInteraction(row, NOW)).toEqual({
      ok: {
        userId: '42',
        itemId: '9007199254740991',
        type: 'click',
        value: null,
        timestamp: null,
        eventId: null,
      },
    });
  });

  it('takes nulls in the context for absent fields', () => {
    const of = (context: object) => parseInteraction({ ...good, context }, NOW);
    expect(of({ page: 'search', device: null })).toMatchObject({ ok: { context: { page: 'search' } } });
    expect(of({ page: 'search', device: null })).not.toHaveProperty('ok.context.device');
    expect(of({ device: null })).not.toHaveProperty('ok.context');
    expect(of({ device: [null] })).toMatchObject({
      reason: expect.stringMatching(/^context.device must be text/),
    });
  });

  it('has a type in any script, and a context', () => {
    const row = { ...good, type: '收藏', context: { page: 'search', place: 2, isNew: true } };
    expect(parseInteraction(row, NOW)).toMatchObject({ ok: { type: '收藏', context: row.context } });
    expect(parseInteraction({ ...good, context: {} }, NOW)).not.toHaveProperty('ok.context');
  });

  it('without a time gets that of receipt where that is wanted, and keeps its own', () => {
    const { timestamp: _, ...timeless } = good as { timestamp?: unknown };
    const options = { timeOfReceipt: true };
    expect(parseInteraction(timeless, NOW, options)).toMatchObject({
      ok: { timestamp: NOW, received: true },
    });
    expect(parseInteraction({ ...timeless, timestamp: NOW - 5 }, NOW, options)).not.toHaveProperty(
      'ok.received',
    );
    expect(parseInteraction(timeless, NOW)).toMatchObject({ ok: { timestamp: null } });
  });

  it('has a value within the scale that was declared', () => {
    const installed = installedFrom([
      {
        type: 'rating',
        meaning: completeEvent('rating', { scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 4 } })!,
      },
    ]);
    const rated = (value: number) => parseInteraction({ ...good, type: 'rating', value }, NOW, { installed });
    expect(rated(0.5)).toHaveProperty('ok');
    expect(rated(4.2)).toEqual({
      reason:
        'value must be a number from 0.5 to 5 in steps of 0.5 when type is rating; got 4.2; PUT /event-types/rating declares another scale',
    });
  });

  it.each([
    [{ ...good, userId: '' }, 'userId'],
    [{ ...good, itemId: 'x'.repeat(257) }, 'itemId'],
    [{ ...good, eventId: '🎬'.repeat(65) }, /eventId has 260 bytes; at most 256/],
    [{ ...good, userId: 'a\u0000b' }, /userId contains a NUL/],
    [{ ...good, userId: '\ud800' }, /userId contains half of a surrogate pair/],
    [{ ...good, userId: 7.5 }, 'userId must be text, or a whole number; got 7.5'],
    [
      { ...good, userId: 2 ** 53 },
      /^userId is a number beyond 2\^53, of which JSON loses the last digits; send it as text/,
    ],
    [{ ...good, itemId: null }, 'itemId is missing'],
    [{ ...good, context: { deep: {} } }, /^context.deep must be /],
    [{ ...good, context: { page: 'a\u0000b' } }, /^context contains a NUL/],
    [{ userId: 'ann', type: 'click' }, 'itemId is missing'],
    [{}, 'userId is missing'],
    [{ ...good, rating: 5, stars: 1 }, /rating is not known here; known are userId, itemId, type/],
    [{ ...good, type: '' }, /type must be a name such as click.*; got ""/],
    [{ ...good, type: '1st' }, /type must be .*; got "1st"/],
    [{ ...good, type: 'x'.repeat(65) }, /type must be .*; got "xxx/],
    [{ ...good, value: '5' }, 'value must be a number; got "5"'],
    [{ ...good, value: Number.NaN }, 'value must be a number; got NaN'],
    [{ ...good, value: Number.POSITIVE_INFINITY }, 'value must be a number; got Infinity'],
    [{ ...good, type: 'rating' }, /^value is missing; it must be a number from 1 to 5/],
    [
      { ...good, type: 'rating', value: 0.5 },
      'value must be a number from 1 to 5 when type is rating; got 0.5; PUT /event-types/rating declares another scale',
    ],
    [
      { ...good, type: 'rating', value: 6 },
      'value must be a number from 1 to 5 when type is rating; got 6; PUT /event-types/rating declares another scale',
    ],
    [{ ...good, timestamp: 'yesterday' }, /timestamp must be a time since 1970 such as .*; got "yesterday"/],
    [{ ...good, timestamp: '2026-02-30' }, /timestamp must be .*; got "2026-02-30"/],
    [{ ...good, timestamp: '' }, /timestamp must be .*; got ""/],
    [{ ...good, timestamp: -1 }, /timestamp must be .*; got -1/],
    [{ ...good, timestamp: '1969-12-31T23:59:59Z' }, /timestamp must be .*; got "1969/],
    [{ ...good, timestamp: {} }, /timestamp must be a time since 1970 .*; got an object/],
    [
      { ...good, timestamp: NOW + 6 * MINUTE },
      /timestamp must be a time in the past: at the latest .*; got \d+/,
    ],
    [{ ...good, timestamp: 1e300 }, /timestamp must be .*; got 1e\+300/],
    ['text', /the row must be an object with userId, itemId, .*; got "text"/],
    [null, /the row must be an object with .*; got null/],
    [[good], /the row must be an object with .*; got a list/],
  ])('is refused, with what is wrong and what would be right: %j', (row, reason) => {
    const parsed = parseInteraction(row, NOW);
    expect(parsed).toHaveProperty('reason', expect.stringMatching(asPattern(reason)));
  });

  it("is taken when the client's clock is a little ahead", () => {
    expect(parseInteraction({ ...good, timestamp: NOW + 4 * MINUTE }, NOW)).toHaveProperty('ok');
  });

  it('shows no more than the beginning of a long value', () => {
    const reason = reasonOf(parseInteraction({ ...good, type: `1${'x'.repeat(10_000)}` }, NOW));
    expect(reason.length).toBeLessThan(250);
    expect(reason).toContain('...');
  });

  it('may have any value and be rated 1 to 5', () => {
    expect(parseInteraction({ ...good, value: -3.5 }, NOW)).toHaveProperty('ok.value', -3.5);
    expect(parseInteraction({ ...good, type: 'rating', value: 1 }, NOW)).toHaveProperty('ok.value', 1);
    expect(parseInteraction({ ...good, type: 'rating', value: 5 }, NOW)).toHaveProperty('ok.value', 5);
  });
});

describe('an item', () => {
  it('needs nothing but its id', () => {
    expect(parseItem({ itemId: 'a' })).toEqual({
      ok: {
        itemId: 'a',
        title: null,
        categories: [],
        labels: [],
        features: {},
        hidden: false,
        availableFrom: null,
        availableUntil: null,
      },
    });
  });

  it('keeps everything else, a name that is there twice once, and times that lie ahead', () => {
    const row = {
      itemId: 'a',
      title: 'A',
      categories: ['x', 'y', 'x'],
      labels: ['new'],
      features: { year: 1995 },
      hidden: true,
      availableFrom: '2030-01-01',
      availableUntil: 1_900_000_000,
    };
    expect(parseItem(row)).toEqual({
      ok: {
        ...row,
        categories: ['x', 'y'],
        availableFrom: Date.parse('2030-01-01T00:00:00Z'),
        availableUntil: 1_900_000_000_000,
      },
    });
  });

  it.each([
    [{}, 'itemId is missing'],
    [{ itemId: '' }, 'itemId'],
    [{ itemId: 'a', price: 5 }, /price is not known here; known are itemId, title/],
    [
      { itemId: 'a', categories: 'Comedy' },
      'categories must be a list of at most 100 texts of 1-256 characters; got "Comedy"',
    ],
    [{ itemId: 'a', categories: ['a', 5] }, 'categories[1] must be text of 1-256 characters; got 5'],
    [{ itemId: 'a', hidden: 'yes' }, 'hidden must be true or false; got "yes"'],
    [{ itemId: 'a', features: [] }, 'features must be an object of at most 64 KiB; got a list'],
    [
      { itemId: 'a', features: { text: 'x'.repeat(70_000) } },
      /features must be an object of at most 64 KiB; got an object/,
    ],
    [
      { itemId: 'a', features: nested(100_000) },
      /features must be an object of at most 64 KiB; got an object/,
    ],
    [{ itemId: 'a', availableFrom: 'soon' }, /availableFrom must be .*; got "soon"/],
    [{ itemId: 'a', availableUntil: 1e30 }, /availableUntil must be .*; got 1e\+30/],
    [
      { itemId: 'a', availableFrom: 2e9, availableUntil: 1e9 },
      'availableUntil must be later than availableFrom; got 1000000000',
    ],
    [
      { itemId: 'a', availableFrom: 2000 },
      /^availableFrom: numbers such as 2000 would be times before 1973; /,
    ],
    [{ itemId: 'a', availableUntil: '7' }, /^availableUntil: numbers such as 7 would be times before 1973; /],
  ])('is refused with what is wrong (case %#)', (row, reason) => {
    expect(parseItem(row)).toHaveProperty('reason', expect.stringMatching(asPattern(reason)));
  });
});

describe('a user', () => {
  it('is an id with features or without', () => {
    expect(parseUser({ userId: 'ann' })).toEqual({ ok: { userId: 'ann', features: {} } });
    expect(parseUser({ userId: 'ann', features: { age: 24 } })).toEqual({
      ok: { userId: 'ann', features: { age: 24 } },
    });
  });

  it.each([
    [{}, 'userId is missing'],
    [{ userId: 'x'.repeat(300) }, 'userId'],
    [{ userId: 'ann', age: 24 }, 'age is not known here; known are userId, features'],
    [{ userId: 'ann', features: 5 }, 'features must be an object of at most 64 KiB; got 5'],
  ])('is refused with what is wrong: %j', (row, reason) => {
    expect(parseUser(row)).toHaveProperty('reason', expect.stringMatching(asPattern(reason)));
  });
});

function asPattern(reason: string | RegExp): RegExp {
  return typeof reason === 'string' ? new RegExp(reason.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : reason;
}

function reasonOf(parsed: Parsed<unknown>): string {
  return 'reason' in parsed ? parsed.reason : '';
}

function nested(depth: number): object {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = { value };
  return value;
}
