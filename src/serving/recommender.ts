import { randomUUID } from 'node:crypto';
import { problem } from '../core/errors.ts';
import type { Recommendation, RecommendedItem } from '../domain/recommendation.ts';
import type { CatalogueStore, HistoryRow, InteractionStore } from '../store/store.ts';
import { type CatalogueView, createCurrentCatalogue } from './catalogue-view.ts';
import { popularInModel, popularInStore } from './fallback.ts';
import { MAX_SEEN } from './history.ts';
import type { LiveModel } from './live-model.ts';
import type { LiveModels } from './live-models.ts';

export interface RecommendOptions {
  k: number;
  model?: string | undefined;
  /** Also items that the user has interacted with. */
  includeSeen?: boolean;
  /** Rejects with problem('not-found') where popularity would answer. */
  strict?: boolean;
}

export interface Recommender {
  recommend(userId: string, options: RecommendOptions): Promise<Recommendation>;
}

interface RecommenderDeps {
  store: {
    interactions: Pick<InteractionStore, 'history' | 'mostPopular'>;
    catalogue: Pick<CatalogueStore, 'itemsRevision' | 'restrictedItems' | 'getItems'>;
  };
  liveModels: Pick<LiveModels, 'get'>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** One request's facts. */
interface Request {
  history: readonly HistoryRow[];
  catalogue: CatalogueView;
  k: number;
  includeSeen: boolean;
}

interface Answer {
  items: RecommendedItem[];
  source: Recommendation['source'];
  reason?: string;
}

/** The only task that students have so far. */
const TASK = 'default';

/** From the history as it is in the database now, through the live model; popularity where that cannot be. */
export function createRecommender({ store, liveModels, now }: RecommenderDeps): Recommender {
  const currentCatalogue = createCurrentCatalogue(store.catalogue, now);

  async function fromPopularity(model: LiveModel | null, request: Request, reason: string): Promise<Answer> {
    const { history, catalogue, k, includeSeen } = request;
    const seen = new Set(includeSeen ? [] : history.map(({ itemId }) => itemId));
    const isLeftOut = (itemId: string) => seen.has(itemId) || catalogue.isBlocked(itemId);
    const items = model
      ? popularInModel(model, k, isLeftOut)
      : await popularInStore(store.interactions, k, isLeftOut, seen.size + catalogue.blockedCount);
    const nothing = items.length === 0 ? '; nor is there any popular item to show instead' : '';
    return { items, source: 'popularity', reason: reason + nothing };
  }

  async function answer(
    name: string | undefined,
    model: LiveModel | null,
    request: Request,
    strict: boolean,
  ) {
    const personal = model && fromStudent(model, request, now());
    if (personal) return personal;
    const reason = whyNotPersonal(name, model, request.history);
    if (strict) throw problem('not-found', `strict=true, and ${reason}`);
    return fromPopularity(model, request, reason);
  }

  return {
    async recommend(userId, { k, model: name, includeSeen = false, strict = false }) {
      // One reference for the whole request, whatever is swapped meanwhile.
      const model = liveModels.get(name);
      const [history, catalogue] = await Promise.all([
        store.interactions.history(userId, MAX_SEEN),
        currentCatalogue(),
      ]);
      const { items, source, reason } = await answer(
        name,
        model,
        { history, catalogue, k, includeSeen },
        strict,
      );
      return {
        userId,
        items: await withTitles(catalogue, items),
        source,
        ...(reason !== undefined && { reason }),
        model: model && { name: model.name, version: model.version, task: TASK },
        recommendationId: randomUUID(),
      };
    },
  };
}

/** Null when no item of the history counts. Synchronous throughout: the scorer's answers are overwritten by its next call. */
function fromStudent(model: LiveModel, request: Request, now: number): Answer | null {
  const { rows, weights, seen } = model.fold(request.history, now);
  if (rows.length === 0) return null;
  const blocked = request.catalogue.blockedRows(model);
  const best = model.scorer.recommend(
    rows,
    weights,
    request.k,
    blocked,
    request.includeSeen ? undefined : seen,
  );
  const items: RecommendedItem[] = [];
  for (let i = 0; i < best.length; i++) {
    items.push({ itemId: model.items[best.rows[i]], score: best.scores[i] });
  }
  return { items, source: 'student' };
}

function whyNotPersonal(
  name: string | undefined,
  model: LiveModel | null,
  history: readonly HistoryRow[],
): string {
  if (!model) return name ? `model ${name} has no usable version yet` : 'there is no usable model yet';
  if (history.length === 0) return 'no interaction of this user is known';
  return `none of the user's interactions counts for model ${model.name}: their items are unknown to it or their weight is 0`;
}

async function withTitles(catalogue: CatalogueView, items: RecommendedItem[]): Promise<RecommendedItem[]> {
  if (items.length === 0) return items;
  const titles = await catalogue.titles(items.map(({ itemId }) => itemId));
  return items.map((item, i) => {
    const title = titles[i];
    return title === null ? item : { ...item, title };
  });
}
