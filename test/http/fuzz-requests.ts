import type { Rng } from '../../src/core/rng.ts';

export interface RandomRequest {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
}

const FILTERS = [
  'number > 10',
  'number in 3..40 and category = "Odd"',
  'not (number < 5 or title = "Film")',
  'features.number in [1, 2, 3]',
  'number >',
  '"',
  'a.b.c.d = true',
  '((((',
  'category not in ["Odd"]',
  '\u0000',
  '💥 = 1',
];
const TEXTS = [
  '',
  'u',
  'nobody',
  'item-3',
  '%',
  '../..',
  'ü€',
  'a b',
  "'",
  '0',
  '-1',
  '1e9',
  'true',
  'null',
  'x'.repeat(300),
];

/** Questions as clients ask them, and as nobody should: each option is missing, right or wrong at random. */
export function randomRequest(rng: Rng, items: number): RandomRequest {
  const any = <T>(values: readonly T[]): T => values[rng.int(values.length)]!;
  const someItem = () => (rng.int(4) === 0 ? any(TEXTS) : `item-${rng.int(items + 5)}`);
  const list = <T>(one: () => T) => Array.from({ length: rng.int(4) }, one);
  const right: Record<string, () => unknown> = {
    k: () => 1 + rng.int(100),
    model: () => any(['movies', 'films', 'movies']),
    version: () => any(['1', 'stable', '7', 'trial']),
    task: () => any(['default', 'other']),
    exclude: () => list(someItem),
    category: () => list(() => any(['Odd', 'Even', 'None'])),
    filter: () => any(FILTERS),
    includeSeen: () => rng.int(2) === 0,
    seenTypes: () => list(() => any(['click', 'view', 'x'])),
    diversity: () => Math.round(rng.next() * 100) / 100,
    explain: () => rng.int(2) === 0,
    fields: () => list(() => any(['title', 'categories', 'features'])),
    strict: () => rng.int(2) === 0,
  };
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(right)) {
    if (rng.int(4) > 0) continue;
    options[name] = rng.int(12) === 0 ? any(TEXTS) : value();
  }
  const session = () => ({
    itemId: someItem(),
    ...(rng.int(2) === 0 && { type: any(['click', 'view', 'rating']) }),
  });
  const { k, model, version, exclude, category, filter, fields } = options;
  switch (rng.int(6)) {
    case 0:
      return { method: 'POST', path: '/recommend', body: { ...options, interactions: list(session) } };
    case 1:
      return {
        method: 'POST',
        path: '/recommend/batch',
        body: { ...options, users: list(() => any(TEXTS)) },
      };
    case 2: {
      const query = queryOf({ k, model, version, exclude, category, filter, fields });
      return { method: 'GET', path: `/similar/${encodeURIComponent(someItem())}${query}` };
    }
    case 3:
      return {
        method: 'POST',
        path: '/rank',
        body: { userId: any(TEXTS), items: list(someItem), model, version },
      };
    default:
      return { method: 'GET', path: `/recommend/${encodeURIComponent(any(TEXTS))}${queryOf(options)}` };
  }
}

function queryOf(options: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return `?${query}`;
}
