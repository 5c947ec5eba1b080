import { expect, it } from 'vitest';
import {
  differenceOfSets,
  EMPTY_SET,
  hashSetOf,
  includesHash,
  unionOfSets,
} from '../../src/core/hash-set.ts';
import { hashOfId } from '../../src/core/id-hash.ts';

const hashesOf = (from: number, to: number) =>
  Float64Array.from({ length: to - from }, (_, i) => hashOfId(`id ${from + i}`, 0));

it('says of every member that it is one, and of nobody else', () => {
  const set = hashSetOf(hashesOf(0, 20_000));
  expect(set.hashes).toHaveLength(20_000);
  expect(hashesOf(0, 20_000).every((hash) => includesHash(set, hash))).toBe(true);
  expect(hashesOf(20_000, 60_000).filter((hash) => includesHash(set, hash))).toHaveLength(0);
});

it('has each member once', () => {
  expect(hashSetOf(Float64Array.from([...hashesOf(0, 5), ...hashesOf(0, 5)]))).toEqual(
    hashSetOf(hashesOf(0, 5)),
  );
});

it('unites and subtracts', () => {
  const [a, b] = [hashSetOf(hashesOf(0, 700)), hashSetOf(hashesOf(300, 1000))];
  expect(unionOfSets(a, b)).toEqual(hashSetOf(hashesOf(0, 1000)));
  expect(differenceOfSets(a, b)).toEqual(hashSetOf(hashesOf(0, 300)));
  expect(unionOfSets(a, EMPTY_SET)).toEqual(a);
  expect(differenceOfSets(a, a)).toEqual(EMPTY_SET);
  expect(includesHash(EMPTY_SET, 7)).toBe(false);
});
