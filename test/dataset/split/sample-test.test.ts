import { describe, expect, it } from 'vitest';
import { rowLength } from '../../../src/dataset/matrix.ts';
import { UNSEEN } from '../../../src/dataset/split/history-kinds.ts';
import {
  describeSampled,
  MOST_TEST_USERS,
  mostTestUsers,
  sampleTest,
} from '../../../src/dataset/split/sample-test.ts';
import { splitPairs } from '../../../src/dataset/split/split.ts';
import { csrOf } from '../../helpers/data.ts';

const idsOf = (users: number) => Array.from({ length: users }, (_, u) => `user-${u}`);

/** Users with three items each, of whom the first `unseen` are not trained on. */
function splitOf(users: number, unseen = 0) {
  const matrix = csrOf(Array.from({ length: users }, () => [1, 1, 1]));
  const firstSeen = new Float64Array(matrix.indices.length).fill(Number.NaN);
  const split = splitPairs(
    { users: idsOf(users), items: ['a', 'b', 'c'], matrix, firstSeen },
    { strategy: 'leave-last-out' },
    1,
  );
  split.kinds.fill(UNSEEN, 0, unseen);
  return split;
}

const tested = (split: ReturnType<typeof splitOf>, ids: readonly string[]) =>
  ids.filter((_, u) => rowLength(split.test, u) > 0);

describe('the sample of very many test users', () => {
  it('leaves a test as it is while it is small', () => {
    const split = splitOf(50);
    const { split: same, ...more } = sampleTest(split, idsOf(50), 50);
    expect(same).toBe(split);
    expect(more).toEqual({});
    expect(describeSampled(more)).toBe('');
  });

  it('is as large as asked for, counted users and unseen ones each, and touches nothing but the test pairs', () => {
    const whole = splitOf(100, 30);
    const { split, sampled } = sampleTest(whole, idsOf(100), 20);
    const drawn = tested(split, idsOf(100)).map((id) => Number(id.slice(5)));
    expect(drawn.filter((u) => u < 30)).toHaveLength(20);
    expect(drawn.filter((u) => u >= 30)).toHaveLength(20);
    expect(sampled).toEqual({ users: 20, of: 70 });
    expect({ ...split, test: whole.test }).toEqual(whole);
    expect(describeSampled({ sampled })).toBe(
      '; measured on 20 of 70 test users, drawn by hashes of their ids',
    );
  });

  it('goes by the ids, not by the places of the users', () => {
    const ids = idsOf(200);
    const reversed = ids.toReversed();
    const drawn = tested(sampleTest(splitOf(200), ids, 50).split, ids);
    const again = tested(sampleTest(splitOf(200), reversed, 50).split, reversed);
    expect(again.toSorted()).toEqual(drawn.toSorted());
    expect(drawn).not.toEqual(ids.slice(0, 50));
  });
});

describe('the users of several tests of a job', () => {
  it('are fewer each, where the catalogue is large, and never very few', () => {
    expect(mostTestUsers(31_000, 1)).toBe(MOST_TEST_USERS);
    expect(mostTestUsers(1_000, 3)).toBe(MOST_TEST_USERS);
    expect(mostTestUsers(31_000, 3)).toBe(4_301);
    expect(mostTestUsers(1_000_000, 3)).toBe(4_000);
  });
});
