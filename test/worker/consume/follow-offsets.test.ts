import { expect, it } from 'vitest';
import { createFollower } from '../../../src/worker/consume/follow-offsets.ts';

const said: string[] = [];
const from = (next: number) => new Map([[0, next]]);

it('stops at a gap, and takes it for one of the partition when a new reading meets the same', () => {
  const follow = createFollower((reason) => said.push(reason));
  const first = follow(from(5));
  expect([first(0, 5), first(0, 6), first(0, 9)]).toEqual(['next', 'next', 'behind a gap']);
  expect(said).toEqual(['messages 7 to 8 of partition 0 did not come; they are asked for once more']);
  const second = follow(from(7));
  expect([second(0, 9), second(0, 10)]).toEqual(['next', 'next']);
  expect(said).toHaveLength(1);
});

it('reads what was only passed over, and suspects a longer gap anew', () => {
  const follow = createFollower(() => {});
  expect(follow(from(0))(0, 600)).toBe('behind a gap');
  const again = follow(from(0));
  expect([again(0, 0), again(0, 1), again(0, 600)]).toEqual(['next', 'next', 'behind a gap']);
});

it('leaves out what was handed out before, and partitions that are not of the reading', () => {
  const one = createFollower(() => {})(from(3));
  expect([one(0, 2), one(1, 0), one(0, 3), one(0, 3)]).toEqual([
    'not asked for',
    'not asked for',
    'next',
    'not asked for',
  ]);
});
