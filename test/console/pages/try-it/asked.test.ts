import { expect, it } from 'vitest';
import { askedIn, queryOf, requestOf } from '../../../../src/console/pages/try-it/asked.ts';

const asked = (text: string) => askedIn(new URLSearchParams(text));

it('reads an address and writes it again', () => {
  for (const text of [
    '',
    'user=a+b%2F1',
    'item=x&item=y&version=3&beside=live&k=5',
    'user=1&filter=year+%3E+1990&category=Drama&diversity=0.3&explain=false&seen=true&scores=probability',
  ]) {
    expect(queryOf(asked(text)).toString()).toBe(text);
  }
});

it('takes the default for what is out of bounds', () => {
  expect(asked('k=0&diversity=7')).toMatchObject({ k: 10, diversity: 0 });
  expect(asked('k=many&user=')).toMatchObject({ k: 10, user: null });
});

it('asks for a user by GET, with what was said alone', () => {
  expect(requestOf('movies', asked('user=a/b&explain=false'), null)).toEqual({
    method: 'GET',
    path: '/recommend/a%2Fb?model=movies&k=10',
  });
  const { path } = requestOf(
    'movies',
    asked('user=1&category=Drama&filter=year+%3E+1990&diversity=0.5&seen=true&scores=probability'),
    '3',
  )!;
  expect(Object.fromEntries(new URL(path, 'http://x').searchParams)).toEqual({
    ...{ model: 'movies', version: '3', k: '10', filter: 'year > 1990', diversity: '0.5' },
    ...{ explain: 'true', includeSeen: 'true', scores: 'probability', category: 'Drama' },
  });
});

it('asks for a session by POST, and for an empty one not at all', () => {
  expect(requestOf('movies', asked('item=a&item=b&category=Drama'), 'live')).toEqual({
    method: 'POST',
    path: '/recommend',
    json: {
      ...{ model: 'movies', k: 10, explain: true, category: ['Drama'] },
      interactions: [{ itemId: 'a' }, { itemId: 'b' }],
    },
  });
  expect(requestOf('movies', asked(''), null)).toBeNull();
});
