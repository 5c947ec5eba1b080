import { expect, it } from 'vitest';
import type { RegisteredVersion } from '../../../src/domain/answers/model.ts';
import { whyAbsent } from '../../../src/serving/models/absence.ts';
import type { Slot } from '../../../src/serving/models/slots.ts';

const waits = (version: number) => ({ version, aliases: [] }) as unknown as RegisteredVersion;
const refused = (version: number, before: number[]) =>
  ({ refused: { version }, unsound: new Map(before.map((one) => [one, 'truncated'])) }) as unknown as Slot;
const loading = { refused: null, unsound: new Map() } as unknown as Slot;

const state = {
  alias: 'stable',
  slots: new Map([
    ['a', refused(4, [3, 1])],
    ['b', loading],
  ]),
  waiting: new Map([
    ['c', waits(2)],
    ['d', waits(1)],
    ['e', waits(7)],
  ]),
};

it.each([
  ['a', 'model a has no usable version: versions 4, 3 and 1 cannot be loaded'],
  ['b', 'model b has no usable version yet'],
  ['c', 'no version of c has the alias stable; its newest is version 2'],
  ['gone', 'model gone has no usable version yet'],
])('says of the model %s why it does not answer', (name, reason) => {
  expect(whyAbsent(state, name)).toBe(reason);
});

it('says without a name why none answers, of the first three one by one', () => {
  expect(whyAbsent({ ...state, slots: new Map(), waiting: new Map() }, undefined)).toBe(
    'there is no usable model yet',
  );
  expect(whyAbsent(state, undefined)).toMatch(
    /^there is no usable model yet: model a .*; model b .*; no version of c .* version 2 \(and of 2 further/,
  );
});
