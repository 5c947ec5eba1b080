import { expect, it } from 'vitest';
import { LEARNED_SEED, packLearned } from '../../../src/artifact/learned.ts';
import { problem } from '../../../src/core/errors.ts';
import { EMPTY_SET, hashSetOf } from '../../../src/core/hash-set.ts';
import { hashOfId, mixHashes } from '../../../src/core/id-hash.ts';
import type { RegisteredVersion } from '../../../src/domain/answers/model.ts';
import { type ScoreDeps, scoreNow } from '../../../src/http/compare/score-now.ts';
import { interaction, newVersion, openStore, temporaryFolder } from '../../helpers/store.ts';

const version = (number: number): RegisteredVersion => ({
  ...newVersion({ artifact: `models/movies/${number}` }),
  version: number,
  createdAt: '',
  aliases: [],
});
const PAIR = [version(3), version(4)] as const;

const pairHash = (user: string, item: string) =>
  mixHashes(hashOfId(user, LEARNED_SEED), hashOfId(item, LEARNED_SEED));

/** Users who took `old`, which both versions learned, and then `new`, which only the second version recommends. */
async function bench(users: number, { isLearned = true } = {}) {
  const store = await openStore(`${await temporaryFolder()}/test.db`);
  const ids = Array.from({ length: users }, (_, i) => `user-${i}`);
  await store.interactions.add(
    ids.flatMap((userId) => [
      interaction({ userId, itemId: 'old', timestamp: 1000 }),
      interaction({ userId, itemId: 'new', timestamp: 2000 }),
    ]),
  );
  const student = hashSetOf(Float64Array.from(ids, (id) => pairHash(id, 'old')));
  const sets = [{ task: null, teacher: EMPTY_SET, student }];
  const asked: string[][] = [];
  const recommended = (of: string | undefined) => (of === '4' ? ['new', 'other'] : ['other', 'older']);
  const answer = async (options: { version?: string | undefined }) => ({
    items: recommended(options.version).map((itemId) => ({ itemId, score: 1 })),
  });
  const deps = {
    store,
    artifacts: {
      async get(key: string) {
        if (isLearned) return packLearned({ of: 'pairs', isWhole: true, sets });
        throw problem('not-found', `there is no ${key}`);
      },
    },
    recommender: {
      recommend: (_user: string, options: object) => answer(options),
      recommendTo(subject: { session: { itemId: string }[] }, options: object) {
        asked.push(subject.session.map(({ itemId }) => itemId));
        return answer(options);
      },
    },
  } as unknown as ScoreDeps;
  return { deps, asked };
}

it('two versions are asked with what they know, and judged by what neither has learned from', async () => {
  const { deps, asked } = await bench(12);
  const { compared, examples } = await scoreNow(deps, PAIR, 5);
  expect(compared).toEqual({
    users: 12,
    differences: {
      'ndcg@10': { value: 1, low: 1, high: 1 },
      'recall@10': { value: 1, low: 1, high: 1 },
    },
  });
  expect(asked).toHaveLength(24);
  expect(new Set(asked.flat())).toEqual(new Set(['old']));
  expect(examples).toEqual(Array(5).fill({ gained: ['new'], lost: ['older'] }));
});

it('too few users, and what nobody knows to have been learned, are no ground for a comparison', async () => {
  const few = await scoreNow((await bench(9)).deps, PAIR, 1);
  expect(few).toMatchObject({ why: expect.stringMatching(/^9 users have something/) });
  expect(few.examples).toHaveLength(1);
  const unknown = await scoreNow((await bench(12, { isLearned: false })).deps, PAIR, 1);
  expect(unknown.why).toMatch(/nobody knows what it has learned from/);
});
