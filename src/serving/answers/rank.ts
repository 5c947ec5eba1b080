import { randomUUID } from 'node:crypto';
import { runInSlices } from '../../core/slices.ts';
import type { ItemField, ShownScores } from '../../domain/answers/recommend-options.ts';
import type { RankAnswer } from '../../domain/answers/recommendation.ts';
import type { Bag } from '../../features/encoding.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import type { Popularity } from '../views/popularity-view.ts';
import { acquireFor } from './acquire-for.ts';
import { type Conditions, present, type Refusal, refusalOf } from './gate.ts';
import { createShares, scaleFor } from './probability.ts';
import { saidAs, whyNoModel } from './reason.ts';
import { type Subject, whoOf } from './request.ts';
import { saidOfItems } from './said-of-items.ts';
import type { ServingDeps } from './serving-deps.ts';

export interface RankOptions {
  items: readonly string[];
  model?: string | undefined;
  version?: string | undefined;
  task?: string | undefined;
  fields?: readonly ItemField[] | undefined;
  scores?: ShownScores | undefined;
}

export type Rank = (subject: Subject, options: RankOptions, signal?: AbortSignal) => Promise<RankAnswer>;

/**
 * Puts a caller's list in order for a user, seen items too; what may be shown to nobody, and what the user
 * dislikes, is left out and named. By popularity where nothing usable is known of the user.
 */
export function createRank(deps: ServingDeps): Rank {
  const { histories, catalogue: currentCatalogue, rules, popularity, traits } = deps;
  const { installedEvents, now } = deps;
  return async (subject, { items, model: name, version, task, fields, scores: shown }, signal) => {
    const asking = { model: name, version, task };
    const { model, task: asked, absence, variant } = await acquireFor(deps, asking, whoOf(subject));
    const scale = scaleFor(model, asked, shown);
    const [stored, catalogue, side, installed] = await Promise.all([
      subject.userId === null ? [] : histories.of(subject.userId),
      currentCatalogue.get(),
      model && traits.of(model, subject.userId, subject.features),
      installedEvents.get(),
    ]);
    const history = [...(subject.session ?? []), ...stored];
    const conditions: Conditions = {
      catalogue,
      rules: await rules.get(model, catalogue),
      filter: null,
      exclude: new Set(),
      seen: new Set(),
      // The caller names what to rank.
      takesUnlisted: true,
      disliked: saidOfItems(history, undefined, installed, model?.manifest.weighting).disliked,
    };
    const { shown: distinct, leftOut } = await divide(conditions, [...new Set(items)]);
    const inModel = distinct.filter((id) => model?.rowOf.has(id));
    const said = model && asked && scoresOf(model, asked, history, side, inModel, now());
    const { known, scores, source, vector } = said
      ? { known: inModel, ...said }
      : { ...(await byPopularity(await popularity.get(), conditions, distinct)), vector: undefined };
    const isKnown = new Set(known);
    const unknown = distinct.filter((id) => !isKnown.has(id));
    const share =
      scale !== null && vector
        ? await runInSlices(
            createShares(asked!.scorer.kernel, vector, model!.items.length, scale, { leftOut: [] }),
            signal,
          )
        : null;
    const ranked = known
      .map((itemId, i) => ({ itemId, score: share ? share(scores[i]!) : scores[i]! }))
      // Equal ones keep the caller's order.
      .sort((a, b) => b.score - a.score);
    return {
      userId: subject.userId,
      items: await present(conditions, ranked, fields, false),
      unknown,
      leftOut,
      source,
      ...(!model && saidAs(whyNoModel(name, absence))),
      ...(shown === 'probability' && { scores: share ? 'probability' : 'raw' }),
      model: model && { name: model.name, version: model.version, task: asked!.name },
      ...(variant && { variant }),
      recommendationId: randomUUID(),
    };
  };
}

/** Which items may be shown, and which not and why. */
async function divide(conditions: Conditions, itemIds: readonly string[]) {
  const stored = await conditions.catalogue.items(itemIds);
  const shown: string[] = [];
  const leftOut: RankAnswer['leftOut'] = [];
  itemIds.forEach((itemId, i) => {
    const refusal = refusalOf(conditions, { itemId }, stored[i] ?? null);
    if (!refusal) shown.push(itemId);
    else leftOut.push({ itemId, reason: isNamed(refusal) ? refusal : 'hidden-by-rule' });
  });
  return { shown, leftOut };
}

const isNamed = (refusal: Refusal) => refusal === 'unavailable' || refusal === 'disliked';

/** Items of the catalogue that nobody took are known too, and last. */
async function byPopularity(popularity: Popularity, { catalogue }: Conditions, itemIds: readonly string[]) {
  const [scoreOf, stored] = [await popularity.of(itemIds), await catalogue.items(itemIds)];
  const known = itemIds.filter((id, i) => scoreOf.has(id) || stored[i]);
  return { known, scores: known.map((id) => scoreOf.get(id) ?? 0), source: 'popularity' as const };
}

/** Null where the student has nothing to go by. */
function scoresOf(
  model: LiveModel,
  { scorer }: LiveTask,
  history: Parameters<LiveModel['fold']>[0],
  side: Bag | null,
  itemIds: readonly string[],
  now: number,
): { scores: ArrayLike<number>; source: RankAnswer['source']; vector?: Float32Array } | null {
  const wanted = itemIds.map((id) => model.rowOf.get(id)!);
  const { rows, weights, disliked } = model.fold(history, now);
  const { ratings } = model.scorer;
  if (ratings) {
    const predicted = new Float32Array(wanted.length);
    ratings.predict(rows, weights, wanted, predicted);
    return { scores: predicted, source: 'student' };
  }
  if (!model.answers(rows, side)) return null;
  const scores = new Float32Array(wanted.length);
  const vector = scorer.userVector(rows, weights, side, disliked).slice();
  scorer.kernel.scoresOf(vector, wanted, scores);
  return { scores, source: 'student', vector };
}
