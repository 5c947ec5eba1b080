import { randomUUID } from 'node:crypto';
import { whenReady } from '../../core/when-ready.ts';
import type { Variant } from '../../domain/answers/recommendation.ts';
import type { Bag } from '../../features/encoding.ts';
import type { TopK } from '../../scoring/scan/top-heap.ts';
import { scoreText } from '../../scoring/shown-score.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import type { KeptHistory } from '../caches/history.ts';
import type { FoldedUser } from '../caches/user-cache.ts';
import type { LiveModel } from '../models/live-model.ts';
import type { CatalogueView } from '../views/catalogue-view.ts';
import type { Timing } from './request.ts';
import type { ServingDeps } from './serving-deps.ts';

/** An answer that is a text already. */
export interface QuickAnswer {
  json: string;
  recommendationId: string;
  model: LiveModel;
  variant: Variant | undefined;
  /** Best first; read it before anything else is asked. */
  rows: Int32Array;
}

export type Quick = (
  userId: string,
  k: number,
  model: string | undefined,
  timing: Timing,
) => QuickAnswer | null | Promise<QuickAnswer | null>;

/**
 * The plain question, which is nearly all of them: k items for a user, no other option. Asks no database when the
 * user's folded history is in the cache, waits for nothing then, and writes its text from pieces kept per item. The
 * same answer as createRecommend's; null where that one must answer: without a model, a usable history or cached
 * titles, where a rule or a policy may hold, where declarations of types are being read, and where the student has fewer than k
 * items.
 */
// Long because its functions share one state.
export function createQuick(deps: ServingDeps): Quick {
  const { histories, catalogue, rules, policies, traits, installedEvents, now } = deps;

  function answer(
    userId: string,
    k: number,
    model: LiveModel,
    view: CatalogueView,
    user: FoldedUser,
    variant: Variant | undefined,
    timing: Timing,
  ): QuickAnswer | null | Promise<QuickAnswer | null> {
    const started = performance.now();
    const leftOut = [view.blockedRows(model), user.seen];
    return whenReady(model.findTop({ vector: user.vector, k, leftOut }), (best) => {
      timing.scan = performance.now() - started;
      // Others may have items for the places that are left.
      if (best.length < k) return null;
      return write(userId, model, view, best, variant);
    });
  }

  function write(
    userId: string,
    model: LiveModel,
    view: CatalogueView,
    best: TopK,
    variant: Variant | undefined,
  ): QuickAnswer | null {
    const pieces = view.notes(model);
    let items = '';
    for (let i = 0; i < best.length; i++) {
      const row = best.rows[i]!;
      const piece = pieces[row] ?? describe(view, model, row);
      if (piece === null) return null;
      pieces[row] = piece;
      items += `${i === 0 ? '' : ','}${piece}${scoreText(best.scores[i]!)}}`;
    }
    const recommendationId = randomUUID();
    const as = variant ? `"variant":${JSON.stringify(variant)},` : '';
    return {
      json: `{"userId":${JSON.stringify(userId)},"items":[${items}],"source":"student",${signature(model)}${as}"recommendationId":"${recommendationId}"}`,
      recommendationId,
      model,
      variant,
      rows: best.rows.subarray(0, best.length),
    };
  }

  function fromHistory(
    userId: string,
    k: number,
    model: LiveModel,
    variant: Variant | undefined,
    timing: Timing,
  ) {
    const started = performance.now();
    const expected = model.users.expect(userId);
    const fold = (
      history: readonly HistoryRow[] | KeptHistory,
      side: Bag | null,
    ): ReturnType<typeof answer> => {
      const read = performance.now();
      timing.history = read - started;
      const view = catalogue.peek();
      if (!view) return null;
      const { rows, weights, seen, disliked } = model.fold(history, now(), model.tasks[0].seenTypes);
      if (!model.answers(rows, side)) return null;
      const user = { vector: model.scorer.userVector(rows, weights, side, disliked), seen };
      model.users.put(userId, expected, user, now());
      timing.vector = performance.now() - read;
      return answer(userId, k, model, view, user, variant, timing);
    };
    const side = traits.of(model, userId);
    // Columns are overwritten by the next request: they are for what is folded at once.
    const kept = side instanceof Promise ? null : histories.kept(userId);
    return whenReady(kept ?? histories.of(userId), (history) =>
      whenReady(side, (said) => fold(history, said)),
    );
  }

  return (userId, k, name, timing) => {
    const view = catalogue.peek();
    if (!view || !rules.areAbsent() || !policies.areAbsent() || !installedEvents.isCurrent()) return null;
    const known = knownModel(deps, name, userId);
    if (!known) return null;
    const { model, variant } = known;
    const user = model.users.get(userId, now());
    if (!user) return fromHistory(userId, k, model, variant, timing);
    return answer(userId, k, model, view, user, variant, timing);
  };
}

/** Null for a model that is not in memory, which the general way looks for: it may have been published a moment ago. */
function knownModel(
  { liveModels: { items } }: Pick<ServingDeps, 'liveModels'>,
  name: string | undefined,
  userId: string,
): { model: LiveModel; variant: Variant | undefined } | null {
  try {
    const assigned = items.assigned(name, userId);
    const model = assigned?.own ? assigned.own.peek() : items.get(name);
    return model ? { model, variant: assigned?.variant } : null;
  } catch {
    return null;
  }
}

/** An item's text up to its score; null when the catalogue must be asked first. */
function describe(view: CatalogueView, model: LiveModel, row: number): string | null {
  const itemId = model.items[row]!;
  const item = view.peek(itemId);
  if (item === undefined || (item === null && view.listedOnly)) return null;
  const title = item?.title == null ? '' : `"title":${JSON.stringify(item.title)},`;
  return `{"itemId":${JSON.stringify(itemId)},${title}"score":`;
}

const signatures = new WeakMap<LiveModel, string>();

function signature(model: LiveModel): string {
  const known = signatures.get(model);
  if (known !== undefined) return known;
  const { name, version, tasks } = model;
  const text = `"model":${JSON.stringify({ name, version, task: tasks[0].name })},`;
  signatures.set(model, text);
  return text;
}
