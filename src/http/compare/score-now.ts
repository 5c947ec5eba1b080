import { LEARNED_SEED, loadLearned } from '../../artifact/learned.ts';
import { EMPTY_SET, type HashSet, includesHash, unionOfSets } from '../../core/hash-set.ts';
import { hashOfId, mixHashes } from '../../core/id-hash.ts';
import { createRng } from '../../core/rng.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { type ListDifference, listDifference } from '../../domain/reports/example-report.ts';
import { createResampling, statistic } from '../../evaluation/bootstrap.ts';
import { ndcgAt, recallAt } from '../../evaluation/metrics.ts';
import { saidOfItems } from '../../serving/answers/said-of-items.ts';
import { USUAL_EVENTS } from '../../serving/views/installed-events.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import { recentUsers } from '../../store/data/recent-users.ts';
import type { AppDeps } from '../deps.ts';
import type { Compared } from './from-report.ts';

export type ScoreDeps = Pick<AppDeps, 'store' | 'artifacts' | 'recommender' | 'installedEvents'>;

type Pair = readonly [RegisteredVersion, RegisteredVersion];

/** A user with a history that is split in what the versions may know and what neither has learned from. */
interface Asked {
  userId: string;
  known: HistoryRow[];
  heldOut: string[];
}

/** Places that are compared. */
const K = 10;
/** Users that are looked through, and of these those that are asked: a person waits for the answer. */
const MOST_READ = 2000;
const MOST_ASKED = 200;
const LEAST_USERS = 10;
const NEWEST = 500;
/** So that the same users are drawn each time. */
const SEED = 17;

export interface ScoredNow {
  compared?: Compared;
  /** The reason where nothing is compared. */
  why?: string;
  examples: ListDifference[];
}

/**
 * Scores two versions on the pairs of today's histories that neither has learned from, paired over the same users, and shows for some
 * users what the second shows and the first does not.
 * @param examples how many users are shown
 */
export async function scoreNow(deps: ScoreDeps, pair: Pair, examples: number): Promise<ScoredNow> {
  const userIds = await recentUsers(deps.store.exports, MOST_READ);
  const shown: ScoredNow['examples'] = [];
  for (const userId of userIds.slice(0, examples)) {
    const [before, after] = await listsOf(pair, (options) => deps.recommender.recommend(userId, options));
    shown.push(listDifference(before!, after!));
  }
  const learned = await Promise.all(pair.map((version) => learnedBy(deps, version)));
  if (learned.some((set) => set === null)) {
    return { examples: shown, why: 'of one of the two nobody knows what it has learned from' };
  }
  return {
    examples: shown,
    ...(await compareOn(
      deps,
      pair,
      userIds,
      learned.map((set) => set!),
    )),
  };
}

async function compareOn(
  deps: ScoreDeps,
  pair: Pair,
  userIds: readonly string[],
  learned: readonly HashSet[],
): Promise<Pick<ScoredNow, 'compared' | 'why'>> {
  const figures = { ndcg: [[], []] as number[][], recall: [[], []] as number[][] };
  let users = 0;
  for (const userId of userIds) {
    if (users >= MOST_ASKED) break;
    const { known, heldOut } = await splitHistory(deps, userId, learned);
    if (known.length === 0 || heldOut.length === 0) continue;
    const lists = await listsOf(pair, (options) =>
      deps.recommender.recommendTo({ userId: null, session: known }, options),
    );
    for (const [v, list] of lists.entries()) {
      const ranks = ranksOf(heldOut, list);
      figures.ndcg[v]!.push(ndcgAt(ranks, K));
      figures.recall[v]!.push(recallAt(ranks, K));
    }
    users++;
  }
  if (users < LEAST_USERS) {
    return {
      why: `${users} users have something that neither has learned from, and ${LEAST_USERS} are needed for anything fair to be said`,
    };
  }
  const resampling = createResampling(users, createRng(SEED));
  const difference = ([first, second]: number[][]) =>
    statistic([Float64Array.from(second!), Float64Array.from(first!)], resampling, ([a, b]) => a! - b!);
  const differences = {
    [`ndcg@${K}`]: difference(figures.ndcg),
    [`recall@${K}`]: difference(figures.recall),
  };
  return { compared: { users, differences } };
}

/** Ranks from 0 in ascending order; an item that is not in the list is beyond every place. */
function ranksOf(heldOut: readonly string[], list: readonly string[]): number[] {
  const ranks = heldOut
    .map((item) => list.indexOf(item))
    .map((at) => (at < 0 ? Number.MAX_SAFE_INTEGER : at));
  return ranks.sort((a, b) => a - b);
}

type Options = Parameters<AppDeps['recommender']['recommend']>[1];

async function listsOf(
  pair: Pair,
  ask: (options: Options) => Promise<{ items: { itemId: string }[] }>,
): Promise<string[][]> {
  const lists: string[][] = [];
  for (const { model, version } of pair) {
    const { items } = await ask({ k: K, model, version: String(version) });
    lists.push(items.map(({ itemId }) => itemId));
  }
  return lists;
}

async function learnedBy({ artifacts }: ScoreDeps, { artifact }: RegisteredVersion): Promise<HashSet | null> {
  const file = await loadLearned(artifacts, artifact, 'pairs');
  if (!file) return null;
  return file.sets.map(({ student }) => student).reduce(unionOfSets, EMPTY_SET);
}

async function splitHistory(
  { store, installedEvents = USUAL_EVENTS }: ScoreDeps,
  userId: string,
  learned: readonly HashSet[],
): Promise<Asked> {
  const history = await store.interactions.history(userId, NEWEST);
  const { seen, disliked } = saidOfItems(history, undefined, await installedEvents.get(), undefined);
  const ofUser = hashOfId(userId, LEARNED_SEED);
  const isNew = (itemId: string) => {
    const hash = mixHashes(ofUser, hashOfId(itemId, LEARNED_SEED));
    return !learned.some((set) => includesHash(set, hash));
  };
  const fresh = new Set([...seen].filter((itemId) => !disliked.has(itemId) && isNew(itemId)));
  return { userId, heldOut: [...fresh], known: history.filter(({ itemId }) => !fresh.has(itemId)) };
}
