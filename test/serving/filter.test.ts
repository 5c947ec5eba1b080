import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { compileFilter } from '../../src/serving/filter/compile.ts';
import { parseFilter } from '../../src/serving/filter/parse.ts';
import { item } from '../helpers/store.ts';

const film = item('film-7', {
  title: 'Heat',
  categories: ['Drama', 'Crime'],
  labels: ['new'],
  features: { year: 1995, rating: { critics: 8.5 }, tags: ['heist', 3], dubbed: false, 'odd name': 'x' },
});
const holds = (text: string) => compileFilter(parseFilter(text))(film);

describe('a filter holds', () => {
  test.each([
    'year = 1995',
    'year == 1995',
    'features.year >= 1995',
    'year in 1990..1999',
    'year in [1994, 1995]',
    'year in 1995..1995',
    'rating.critics > 8 and rating.critics <= 8.5',
    'category = "Drama"',
    "category in ['Comedy', 'Crime']",
    'category not in ["Comedy"]',
    'label = "new" and not label = "old"',
    'title = "Heat" or nothing = 1',
    'title in "A".."M"',
    'tags = "heist" and tags = 3',
    'dubbed = false and dubbed != true',
    '`odd name` = "x"',
    'itemId != "film-8"',
    'missing != 1',
    'category != "Comedy"',
    'not year = 1 and year = 1995',
    'NOT (year < 1990 OR year > 2000)',
    'not not year = 1995',
    'year = 1995 or year = 1 and year = 2',
    'year < 1996 and year <= 1995 and year >= 1995 and year > 1994',
    'title < "Heau" and title <= "Heat" and title >= "Heat" and title > "Heas"',
    'title in "Heat".."Heat"',
    'itemId = "film-7" and categories = "Crime" and labels = "new"',
    'year = +1.995e3 and year > -1',
    'year = 19950E-1',
    'title = "He\\at"',
    'dubbed in [false] and year in [1,1995,]',
    '(((year = 1995)))',
  ])('%s', (text) => expect(holds(text)).toBe(true));

  test.each([
    'year = "1995"',
    'year > "1"',
    'missing = 1',
    'missing < 1',
    'missing in ["a"]',
    'category = "drama"',
    'rating = 8.5',
    'constructor = "x"',
    'rating.constructor.name = "Object"',
    'year in 1996..2000',
    'year in []',
    'not title = "Heat"',
    'category != "Drama"',
    'category != "Crime"',
    'not year = 1 and year = 2',
    '(year = 1995 or year = 1) and year = 2',
    'year < 1995',
    'year > 1995',
    'year <= 1994',
    'year >= 1996',
    'title < "Heat"',
    'title > "Heat"',
    'year < "a"',
    'year <= "a"',
    'year >= "1"',
    'title in 1..2',
    'title in "Hf".."Hz"',
    'label != "new"',
    'features.features.year = 1995',
    'title.name = "Heat"',
    '`odd name`.length = 1',
    'toString = "[object Undefined]"',
    '`true` = true',
  ])('not: %s', (text) => expect(holds(text)).toBe(false));
});

describe('a malformed filter is refused with the position', () => {
  test.each([
    ['year 1990', 6, /there is "1990", expected one of = !=/],
    ['year =', 7, /it ends, expected a number/],
    ['year = drama', 8, /texts stand in quotes: "drama"/],
    ['(year = 1', 10, /it ends, expected "\)"/],
    ['year = 1 year = 2', 10, /expected "and", "or" or the end/],
    ['title = "Heat', 9, /never closed/],
    ['year = 1 & b = 2', 10, /"&" has no meaning/],
    ['year in 1.."b"', 9, /a range goes from a number to a number/],
    ['year in [1 2]', 12, /expected ","/],
    ['dubbed > true', 8, /compares numbers or texts/],
    ['', 1, /expected the name of a property/],
    ['year not = 1', 10, /expected "in"/],
    ['"year" = 1', 1, /expected the name of a property/],
    ['a. = 1', 4, /expected the name of a property/],
    ['year = 1990x', 8, /"1" has no meaning/],
    ['a = 1.', 6, /there is ".", expected "and"/],
    ['title = `Heat`', 9, /there is "Heat", expected a number, a text in quotes, true or false\.$/],
    ['`a = 1', 1, /the ` that begins here is never closed/],
    ['a = "x\\', 5, /never closed/],
    ['a in true..false', 6, /a range goes from a number to a number/],
    ['a in 1, 2', 7, /there is ",", expected ".."/],
    ['a in [1', 8, /it ends, expected ","/],
    [`${'x'.repeat(50)} 1`, 52, /there is "1", expected one of/],
    [`a ${'x'.repeat(50)}`, 3, /there is "x{40}", expected one of/],
    ['a = 1 "or" b = 2', 7, /there is "or", expected "and", "or" or the end/],
    ['a "in" [1]', 3, /there is "in", expected one of/],
    ['a in "[" 1]', 10, /there is "1", expected ".."/],
    ['a = 1 😀', 7, /"😀" has no meaning/],
  ])('%s', (text, position, detail) => {
    expect(() => parseFilter(text)).toThrowError(
      expect.objectContaining({
        code: 'invalid-request',
        detail: expect.stringMatching(detail),
        extra: { position },
      }),
    );
  });

  test('however deep it is nested', () => {
    expect(() => parseFilter(`${'('.repeat(900)}a = 1${')'.repeat(900)}`)).toThrow(/nested more than 50/);
    expect(() => parseFilter(`${'not '.repeat(400)}a = 1`)).toThrow(/nested more than 50/);
  });

  test('only where it is deeper than 50: what stands side by side is not', () => {
    const nested = (depth: number) => `${'('.repeat(depth - 1)}year = 1995${')'.repeat(depth - 1)}`;
    expect(holds(Array(60).fill(nested(50)).join(' and '))).toBe(true);
    expect(() => parseFilter(nested(51))).toThrow(/nested more than 50/);
  });

  test('of a list with more than 1,000 values', () => {
    const list = (length: number) => `year in [${Array.from({ length }, (_, i) => 996 + i).join(', ')}]`;
    expect(holds(list(1000))).toBe(true);
    expect(() => parseFilter(list(1001))).toThrow(/a list may have at most 1000 values/);
  });

  test('and whatever it is made of: random pieces are read or refused, never anything else', () => {
    const rng = createRng(1);
    const pieces = [
      'a',
      '=',
      '1',
      '..',
      '[',
      ']',
      '(',
      ')',
      'and',
      'not',
      'in',
      '"x"',
      "'",
      '`',
      ',',
      '.',
      '≠',
      '\\',
    ];
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: 1 + rng.int(12) }, () => pieces[rng.int(pieces.length)]).join(' ');
      try {
        compileFilter(parseFilter(text))(film);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-request' });
      }
    }
  });
});
