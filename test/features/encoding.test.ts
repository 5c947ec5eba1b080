import { describe, expect, it } from 'vitest';
import { createEncoder, encodeAll, type FeatureEncoding } from '../../src/features/encoding.ts';
import { type FitOptions, fitEncoding } from '../../src/features/fit.ts';
import { type Described, fieldsOf } from '../../src/features/values.ts';

const item = (itemId: string, rest: Partial<Described>) => ({ itemId, features: {}, ...rest });

const films = [
  item('a', { title: 'The Big Sleep', categories: ['Film-Noir'], features: { year: 1946, colour: false } }),
  item('b', { title: 'Big Fish', categories: ['Drama', 'Fantasy'], features: { year: 2003, colour: true } }),
  item('c', { title: 'The Third Man', categories: ['Film-Noir'], features: { year: 1949, colour: false } }),
  item('d', { categories: ['Drama'], features: { year: 2004, colour: true, extra: { a: 1 } } }),
];
const options: FitOptions = { option: 'features.items', noun: 'item', fields: true, buckets: 1 << 20 };

const fitted = (more: Partial<FitOptions> = {}, entities: readonly Described[] = films) =>
  fitEncoding(entities, { ...options, ...more });
const dot = (encoding: FeatureEncoding, a: Described, b: Described) => {
  const [x, y] = [createEncoder(encoding)(a), createEncoder(encoding)(b)];
  return x.columns.reduce((sum, c, i) => sum + x.values[i]! * (y.values[y.columns.indexOf(c)] ?? 0), 0);
};

describe('feature encoding', () => {
  it('finds the fields that say something; what is nested can be named', () => {
    expect(fieldsOf(films[3]!)).toEqual(['categories', 'features.colour', 'features.year']);
    expect(fitted().fields.map(({ name }) => name)).toEqual([
      'categories',
      'features.colour',
      'features.year',
      'title',
    ]);
    const nested = [film({ a: { b: ['x'] } }), film({ a: { b: ['x'] } })];
    expect(fitted({ fields: ['a.b'] }, nested).known).toHaveLength(1);
  });

  it('makes rows of length 1 in which fields have equal shares, and tokens of a field', () => {
    const encoding = fitted({ fields: ['categories', 'colour'] });
    // film-noir, drama, true, false; fantasy is said once.
    expect(encoding.known).toHaveLength(4);
    const bags = encodeAll(encoding, [films[0]!, null, films[1]!]);
    expect([...bags.indptr]).toEqual([0, 2, 2, 4]);
    for (const value of bags.values) expect(value).toBeCloseTo(Math.SQRT1_2, 6);
    expect(dot(encoding, films[0]!, films[2]!)).toBeCloseTo(1, 6);
    expect(dot(encoding, films[0]!, films[1]!)).toBe(0);
  });

  it('reads words in small letters, without signs, and whole members of lists', () => {
    const encoding = fitted({ fields: ['title'] });
    expect(encoding.known).toHaveLength(2);
    expect(dot(encoding, films[0]!, item('x', { title: 'BIG, the: other!' }))).toBeCloseTo(1, 6);
    const lists = fitted({ fields: ['categories'] });
    expect(createEncoder(lists)(item('x', { categories: ['film', 'noir'] })).columns).toHaveLength(0);
    expect(createEncoder(lists)(item('x', { categories: ['FILM-NOIR '] })).columns).toHaveLength(1);
  });

  it('puts numbers into intervals that training chose, and later ones to the nearest end', () => {
    const encoding = fitted({ fields: ['features.year'], least: 1 });
    expect(encoding.fields).toEqual([
      { name: 'features.year', kind: 'number', edges: [1947.5, 1976, 2003.5] },
    ]);
    expect(dot(encoding, film({ year: 2030 }), films[3]!)).toBeCloseTo(1, 6);
    expect(dot(encoding, film({ year: 1947 }), films[0]!)).toBeCloseTo(1, 6);
    const many = Array.from({ length: 320 }, (_, year) => film({ year }));
    const [field] = fitted({}, many).fields;
    expect(field).toMatchObject({ kind: 'number' });
    expect((field as { edges: number[] }).edges).toEqual(Array.from({ length: 15 }, (_, i) => 20 * (i + 1)));
  });

  it('is the same from the file, and keeps to known values of hashes', () => {
    const encoding = fitted();
    const read = JSON.parse(JSON.stringify(encoding)) as FeatureEncoding;
    expect(encodeAll(read, films)).toEqual(encodeAll(encoding, films));
    // Written down once: rows of published artifacts hang on it.
    expect(fitted({ fields: ['categories'], buckets: 1024 }).known).toEqual([137, 747]);
  });

  it('reads a text that is a number as one, and says nothing for other texts or for what training did not know', () => {
    const encode = createEncoder(fitted({ fields: ['year', 'categories'], least: 1 }));
    expect(encode(film({ year: '1946' }))).toEqual(encode(film({ year: 1946 })));
    expect(encode(film({ year: 'V' })).columns).toHaveLength(0);
    expect(encode(item('x', { categories: ['Western'] })).columns).toHaveLength(0);
    expect(encode(film({})).columns).toHaveLength(0);
  });

  it('refuses fields that nobody has, and nothing at all', () => {
    expect(() => fitted({ fields: ['features.yeer'] })).toThrow(
      'features.items names features.yeer, of which no item says anything; there are: categories, features.colour, features.year, title',
    );
    expect(() => fitted({}, [item('a', {})])).toThrow('no item of the data has any feature');
    expect(() => fitted({ fields: ['title'], least: 4 })).toThrow('said of 4 items');
  });
});

function film(features: Record<string, unknown>) {
  return item('x', { features });
}
