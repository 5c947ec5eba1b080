import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { Recommendation } from '../../domain/answers/recommendation.ts';
import { DEFAULT_POPULARITY, type PopularityDefinition } from '../../domain/data/popularity.ts';
import type { Unlisted } from '../../domain/data/unlisted.ts';
import type { CatalogueStore, InteractionStore, UserStore } from '../../store/data/contract.ts';
import type { PolicyStore, RuleStore } from '../../store/registry/contract.ts';
import type { Changes } from '../caches/changes.ts';
import { createHistories, type Histories } from '../caches/histories.ts';
import type { LiveModels } from '../models/live-models.ts';
import { type CatalogueWork, createCatalogueWork } from '../threads/catalogue-work.ts';
import { createCurrentCatalogue } from '../views/catalogue-view.ts';
import { type InstalledEvents, USUAL_EVENTS } from '../views/installed-events.ts';
import { createCurrentPolicies } from '../views/policies.ts';
import { createCurrentPopularity, type PopularityDeps } from '../views/popularity-view.ts';
import { createCurrentRules } from '../views/rules.ts';
import { createTraits } from '../views/traits.ts';
import { createFilterCheck } from '../views/vocabulary.ts';
import { createCurrentWords } from '../views/words.ts';
import { createLists, type Lists } from './lists.ts';
import { createPredictLabels, type PredictLabels } from './predict-labels.ts';
import { createQuick, type Quick } from './quick.ts';
import { createRank, type Rank } from './rank.ts';
import { createRecommend, type Recommend } from './recommend.ts';
import type { Timing } from './request.ts';
import type { ServingDeps } from './serving-deps.ts';
import { createFindSimilar, type FindSimilar } from './similar.ts';
import { createFindSimilarUsers, type FindSimilarUsers } from './similar-users.ts';

export interface Recommender {
  recommend(
    userId: string,
    options: RecommendOptions,
    timing?: Timing,
    signal?: AbortSignal,
  ): Promise<Recommendation>;
  recommendTo: Recommend;
  quick: Quick;
  similar: FindSimilar;
  similarUsers: FindSimilarUsers;
  rank: Rank;
  labels: PredictLabels;
  /** Lists for everybody. */
  lists: Lists;
}

interface RecommenderDeps {
  store: {
    interactions: Pick<InteractionStore, 'history' | 'mostPopular' | 'types'>;
    catalogue: Pick<
      CatalogueStore,
      | 'itemsRevision'
      | 'restrictedItems'
      | 'getItems'
      | 'getUser'
      | 'latestItems'
      | 'coverage'
      | 'unlistedItems'
    >;
    rules: Pick<RuleStore, 'list'>;
    policies: Pick<PolicyStore, 'list'>;
    users: Pick<UserStore, 'newest'>;
  } & Pick<PopularityDeps, 'popularity' | 'exports'>;
  liveModels: Pick<LiveModels, 'items' | 'labels' | 'forgetUsers' | 'refresh' | 'absence'>;
  /** Without it nothing is remembered from one request to the next that the database could contradict. */
  changes?: Changes;
  /** Shared with whoever else reads them; its own by default. */
  histories?: Histories;
  /** Meanings of types of interactions; without it what is usual for their names. */
  installedEvents?: InstalledEvents;
  /** Decides what is done beside the event loop; by default nothing is. */
  work?: CatalogueWork;
  /** The meaning of popularity. */
  definition?: PopularityDefinition;
  /** The setting RECOMMEND_UNLISTED. */
  unlisted?: Unlisted | undefined;
  /** Popularity is at most so old, in milliseconds, where it is counted quickly. */
  popularEveryMs?: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** All that serving answers. */
export function createRecommender({
  store,
  liveModels,
  changes,
  installedEvents = USUAL_EVENTS,
  histories = createHistories(store.interactions, changes, undefined, installedEvents.peek),
  work = createCatalogueWork(null),
  definition = DEFAULT_POPULARITY,
  popularEveryMs,
  unlisted,
  now,
}: RecommenderDeps): Recommender {
  const deps: ServingDeps = {
    histories,
    installedEvents,
    work,
    liveModels,
    catalogue: createCurrentCatalogue(store.catalogue, now, changes, unlisted),
    rules: createCurrentRules(store.rules, now, changes),
    policies: createCurrentPolicies(store.policies, changes),
    popularity: createCurrentPopularity(store, definition, now, popularEveryMs),
    check: createFilterCheck(store.catalogue),
    traits: createTraits(store.catalogue),
    typesThere: store.interactions.types,
    now,
  };
  changes?.subscribe({ users: liveModels.forgetUsers });
  const recommendTo = createRecommend(deps);
  return {
    recommend: (userId, options, timing, signal) => recommendTo({ userId }, options, timing, signal),
    recommendTo,
    quick: createQuick(deps),
    similar: createFindSimilar(deps, createCurrentWords(store.catalogue)),
    similarUsers: createFindSimilarUsers({
      ...deps,
      users: store.users,
      readHistory: store.interactions.history,
    }),
    rank: createRank(deps),
    labels: createPredictLabels({ store, histories, liveModels, now }),
    lists: createLists(deps),
  };
}
