import type { ArtifactStore } from '../../src/artifact/store/store.ts';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { ndcgAt } from '../../src/evaluation/metrics.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import type { Row } from '../../test/helpers/data.ts';
import type { Stream } from './stream.ts';

export interface Figures {
  users: number;
  /** NDCG@10 of everybody, of users with a history, and of users who are new; recall@20 of all pairs. */
  ndcg: number;
  known: number;
  fresh: number;
  recall: number;
  /** Recall@20 over the pairs of items that came with the newest slice that the version learned from, and their number. */
  newItems: number;
  newPairs: number;
}

const K = 10;
const WIDE = 20;
const NEWEST = 500;

/**
 * Asks a version, as it is served, for the users of the slice after what it learned from. Histories are all that was there before; of a
 * user who is new the older half of the slice's pairs is the history, so that it takes two pairs to be asked about.
 * @param before rows that the version learned from @param known rows that the version before it had learned from
 */
export async function judge(
  artifacts: Pick<ArtifactStore, 'get'>,
  artifact: string,
  { isTest }: Stream,
  { before, known, next }: { before: readonly Row[]; known: readonly Row[]; next: readonly Row[] },
): Promise<Figures> {
  const { weights, items } = await loadStudent(artifacts, artifact);
  const scorer = createStudentScorer(weights);
  const rowOf = new Map(items.map((id, row) => [id, row]));
  const byUser = (rows: readonly Row[]) => {
    const users = new Map<string, Row[]>();
    for (const row of rows) users.set(row.user, [...(users.get(row.user) ?? []), row]);
    return users;
  };
  const earlier = byUser(before);
  const wasThere = new Set(known.map(({ item }) => item));
  const isNew = new Set(before.map(({ item }) => item).filter((item) => !wasThere.has(item)));
  const sums = { ndcg: 0, known: 0, fresh: 0, recall: 0, found: 0, pairs: 0 };
  const users = { all: 0, known: 0, fresh: 0 };
  for (const [user, all] of byUser(next)) {
    const own = earlier.get(user);
    const half = own ? 0 : all.length >> 1;
    const past = [...(own ?? []), ...all.slice(0, half)];
    const seen = new Set(past.map(({ item }) => item));
    const wanted = new Set(
      all
        .slice(half)
        .filter((row) => isTest(row) && !seen.has(row.item))
        .map(({ item }) => item),
    );
    if (past.length === 0 || wanted.size === 0) continue;
    const liked = [
      ...new Set(
        past
          .filter(isTest)
          .reverse()
          .map(({ item }) => item),
      ),
    ];
    const rows = liked.flatMap((item) => rowOf.get(item) ?? []).slice(0, NEWEST);
    const masked = [...seen].flatMap((item) => rowOf.get(item) ?? []);
    const list = scorer.recommend(rows, new Float32Array(rows.length).fill(1), WIDE, masked);
    const ids = Array.from(list.rows.subarray(0, list.length), (row) => items[row]!);
    const ranks = ids.slice(0, K).flatMap((id, rank) => (wanted.has(id) ? [rank] : []));
    const missing = Math.max(0, wanted.size - ranks.length);
    const ndcg = ndcgAt([...ranks, ...new Array<number>(missing).fill(Number.MAX_SAFE_INTEGER)], K);
    sums.ndcg += ndcg;
    sums.recall += ids.filter((id) => wanted.has(id)).length / Math.min(WIDE, wanted.size);
    users.all++;
    const kind = own ? 'known' : 'fresh';
    sums[kind] += ndcg;
    users[kind]++;
    for (const item of wanted) {
      if (!isNew.has(item)) continue;
      sums.pairs++;
      sums.found += Number(ids.includes(item));
    }
  }
  return {
    users: users.all,
    ndcg: sums.ndcg / users.all,
    known: sums.known / users.known,
    fresh: sums.fresh / users.fresh,
    recall: sums.recall / users.all,
    newItems: sums.found / sums.pairs,
    newPairs: sums.pairs,
  };
}
