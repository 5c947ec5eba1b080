import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { createAjv } from '../../../src/domain/validate/ajv.ts';
import { checkOf } from '../../../src/domain/validate/check.ts';
import { type SchemaError, sentencesOf } from '../../../src/domain/validate/sentences.ts';

const Row = Type.Object(
  {
    id: Type.String({ maxLength: 3 }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
    names: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 9 }), { maxItems: 2 })),
  },
  { additionalProperties: false },
);
const check = checkOf(Row, 'the row', { id: 'three letters' });

describe('a check', () => {
  it('hands out what fits', () => {
    expect(check({ id: 'abc', count: 5 })).toEqual({ ok: { id: 'abc', count: 5 } });
  });

  it.each([
    [{}, 'id is missing; it must be three letters'],
    [{ id: 'abcd' }, 'id must be three letters; got "abcd"'],
    [{ id: 'abc', count: 6 }, 'count must be a whole number from 1 to 5; got 6'],
    [{ id: 'abc', names: ['a', ''] }, 'names[1] must be text of 1-9 characters; got ""'],
    [{ id: 'abc', names: ['a', 'b', 'c'] }, 'names must have at most 2 entries; got 3'],
    [{ id: 'abc', size: 1 }, 'size is not known here; known are id, count, names'],
    [{ id: 'abc', [`x${'y'.repeat(99)}`]: 1 }, /^xy+\.\.\. is not known here/],
    [7, 'the row must be an object with id, count, names; got 7'],
    [undefined, 'the row is missing; it must be an object with id, count, names'],
  ])('says of %j what is wrong', (value, reason) => {
    const checked = check(value) as { reason: string };
    if (typeof reason === 'string') expect(checked.reason).toBe(reason);
    else expect(checked.reason).toMatch(reason);
  });
});

describe('sentences', () => {
  const Weight = Type.Union([
    Type.Number({ exclusiveMinimum: 0 }),
    Type.Object({ from: Type.Number() }, { additionalProperties: false }),
  ]);
  const about = (schema: object, value: unknown, most = 10) => {
    const validate = createAjv({ allErrors: true }).compile(schema);
    validate(value);
    return sentencesOf(validate.errors as unknown as SchemaError[], 'the body', most);
  };
  const body = Type.Object({ weight: Weight, name: Type.String() });

  it('tell of the shape that a value has, and not of the others', () => {
    expect(about(body, { weight: 0, name: 'a' })).toEqual(['weight must be a number > 0; got 0']);
    expect(about(body, { weight: { from: 'x' }, name: 'a' })).toEqual([
      'weight.from must be a number; got "x"',
    ]);
    expect(about(body, { weight: 'x', name: 'a' })).toEqual([
      'weight must be a number > 0 or an object; got "x"',
    ]);
  });

  it('tell of every wrong field, up to a limit', () => {
    expect(about(body, { weight: 0, name: 5 })).toHaveLength(2);
    expect(about(body, { weight: 0, name: 5 }, 1)).toHaveLength(1);
  });

  it('say where a list is too long what to do instead', () => {
    const rows = Type.Object({ rows: Type.Array(Type.Unknown(), { maxItems: 1, 'x-hint': 'send a file' }) });
    expect(about(rows, { rows: [1, 2] })).toEqual(['rows must have at most 1 entries; got 2; send a file']);
  });
});
