import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { Id } from '../../../src/domain/base/id.ts';
import { cleanBody } from '../../../src/domain/validate/clean-body.ts';

const Body = Type.Object({
  userId: Type.Optional(Id),
  items: Type.Array(Id),
  title: Type.Optional(Type.String()),
  gone: Type.Union([Type.String(), Type.Null()]),
  either: Type.Union([Type.Object({ kind: Type.Literal('a'), at: Type.Optional(Type.Number()) }), Id]),
  byName: Type.Record(Type.String(), Type.Object({ weight: Type.Optional(Type.Number()) })),
  features: Type.Record(Type.String(), Type.Unknown()),
});

describe('a body', () => {
  it('has texts for ids that are whole numbers, in lists and unions too, and for nothing else', () => {
    const body = { userId: 7, items: [1, 'b', 1.5, -0, 2 ** 53], title: 5, either: 9 };
    expect(cleanBody(body, Body)).toEqual({
      ...{ userId: '7', items: ['1', 'b', 1.5, -0, 2 ** 53], title: 5, either: '9' },
    });
  });

  it('has no nulls where the schema has none, and keeps those that mean something', () => {
    const body = {
      userId: null,
      gone: null,
      either: { kind: 'a', at: null },
      byName: { a: { weight: null }, b: null },
    };
    expect(cleanBody(body, Body)).toEqual({ gone: null, either: { kind: 'a' }, byName: { a: {} } });
    expect(cleanBody({ features: { year: null } }, Body)).toEqual({ features: { year: null } });
  });

  it('is left as it is where it is of another shape', () => {
    for (const body of [null, 5, 'text', [null], { unknown: null, constructor: null }])
      expect(cleanBody(structuredClone(body), Body)).toEqual(body);
  });
});
