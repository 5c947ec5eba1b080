import { drawOfId } from '../../core/id-hash.ts';
import { rowLength } from '../matrix.ts';
import { countedUsers } from './kinds.ts';
import type { Split } from './split.ts';
import { pairsOf } from './split-parts.ts';

/** More test users than this are sampled: the interval of a metric hardly gets narrower, and ranking costs time for each. */
export const MOST_TEST_USERS = 20_000;
/** Users times items that are ranked for all tests of a job together, and the users of each test at least. */
const TEST_SCORES = 4e8;
const LEAST_TEST_USERS = 4_000;
/** The seed is the same for all jobs, so that two versions are tested on the same users. */
const SEED = 0x7e57;

/** Returns how many users each of several tests ranks a catalogue for at most. */
export function mostTestUsers(items: number, tests: number): number {
  if (tests === 1) return MOST_TEST_USERS;
  return Math.min(MOST_TEST_USERS, Math.max(LEAST_TEST_USERS, Math.floor(TEST_SCORES / (items * tests))));
}

export interface SampledTest {
  /** The split with the test pairs of the users who were drawn. */
  split: Split;
  /** How many of how many users the tables count; absent where all are. */
  sampled?: { users: number; of: number } | undefined;
}

/**
 * Draws test users by hashes of their ids where they are very many: those whom the tables count, and just as many of the others,
 * whom only the kinds of histories report.
 * @param ids [users]
 */
export function sampleTest(split: Split, ids: readonly string[], most = MOST_TEST_USERS): SampledTest {
  const { kinds, test } = split;
  const isCounted = countedUsers(kinds, test);
  const tested = Array.from(kinds.keys()).filter((user) => rowLength(test, user) > 0);
  const groups = [tested.filter(isCounted), tested.filter((user) => !isCounted(user))];
  if (groups.every(({ length }) => length <= most)) return { split };
  const drawn = new Set(groups.flatMap((users) => drawUsers(users, ids, most)));
  return {
    split: { ...split, test: pairsOf(test, (user) => drawn.has(user)) },
    sampled: { users: Math.min(most, groups[0]!.length), of: groups[0]!.length },
  };
}

/** Draws users by hashes of their ids, all of them where they are no more than `most`. */
export function drawUsers(users: readonly number[], ids: readonly string[], most: number): number[] {
  if (users.length <= most) return [...users];
  const lots = new Map(users.map((user) => [user, drawOfId(`tested ${ids[user]}`, SEED)]));
  return [...users].sort((a, b) => lots.get(a)! - lots.get(b)! || a - b).slice(0, most);
}

/** Says in words who is tested; empty where all are. */
export function describeSampled({ sampled }: Pick<SampledTest, 'sampled'>): string {
  return sampled
    ? `; measured on ${sampled.users} of ${sampled.of} test users, drawn by hashes of their ids`
    : '';
}
