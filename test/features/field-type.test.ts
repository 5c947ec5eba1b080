import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../src/features/encoding.ts';
import { typeOfField } from '../../src/features/field-type.ts';
import { fitEncoding } from '../../src/features/fit.ts';

const users = (...zips: unknown[]) => zips.map((zip, i) => ({ userId: `u${i}`, features: { zip } }));
const typeOf = (...zips: unknown[]) => typeOfField(users(...zips), 'features.zip', 'user');

describe('type of a field', () => {
  it('is one for the whole column, and says nothing where all agree', () => {
    expect(typeOf(1, 2.5, null)).toEqual({ kind: 'number', numbers: [1, 2.5] });
    expect(typeOf('a', ['b'], true)).toEqual({ kind: 'tokens', numbers: [] });
    expect(typeOf(null, undefined, '', [])).toBeNull();
    // Texts that are sent as texts stay texts.
    expect(typeOf('1995', '1996')).toEqual({ kind: 'tokens', numbers: [] });
  });

  it('is a text where a code that begins with a zero is among numbers', () => {
    expect(typeOf(85711, 94043, 32067, '05146')).toEqual({
      kind: 'tokens',
      numbers: [],
      warning:
        'features.zip is a number for 3 of 4 users (such as 85711 of user "u0") and a text for others (such as "05146" of user "u3"): all of it is read as text',
    });
  });

  it('is a number where few are something else, which is missing; a text that is a number counts', () => {
    expect(typeOf(1995, 1996, 'V', '1997', 'V')).toEqual({
      kind: 'number',
      numbers: [1995, 1996, 1997],
      warning:
        'features.zip is a number, but for 2 of 5 users something else (such as "V" of user "u2"), which counts as missing; send a number or nothing',
    });
    expect(typeOf(1995, 'Toy Story', 'GoldenEye')).toMatchObject({ kind: 'tokens' });
  });

  it('reads numbers in a column of texts as texts, in training and later, and warns by the name of the option', () => {
    const warnings: string[] = [];
    const encoding = fitEncoding(users(85711, 85711, '05146', '05146', 94043), {
      option: 'features.users',
      noun: 'user',
      fields: ['zip'],
      buckets: 1 << 20,
      warn: (message) => warnings.push(message),
    });
    const encode = createEncoder(encoding);
    const columns = (zip: unknown) => [...encode({ features: { zip } }).columns];
    expect(columns(85711)).toEqual(columns('85711'));
    expect(columns(85711)).toHaveLength(1);
    expect(columns('05146')).not.toEqual(columns(85711));
    expect(columns(94043)).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/^features\.users: features\.zip is a number for 3 of 5 users/),
    ]);
  });
});
