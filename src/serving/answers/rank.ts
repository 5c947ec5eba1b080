import { randomUUID } from 'node:crypto';
import { runInSlices } from '../../core/slices.ts';
import type { ItemField, ShownScores } from '../../domain/answers/recommend-options.ts';
import type { RankAnswer } from '../../domain/answers/recommendation.ts';
import type { Bag } from '../../features/encoding.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import { createShares, scaleFor } from './probability.ts';
import type { Subject } from './request.ts';
import { type ServingDeps, taskOf } from './serving-deps.ts';
import { showItems } from './show-items.ts';

export interface RankOptions {
  items: readonly string[];
  model?: string | undefined;
  version?: string | undefined;
  task?: string | undefined;
  fields?: readonly ItemField[] | undefined;
  scores?: ShownScores | undefined;
}

export type Rank = (subject: Subject, options: RankOptions) => Promise<RankAnswer>;

/**
 * Puts a caller's list in order for a user: all of it, seen or hidden or not. By popularity where nothing usable is
 * known of the user.
 */
export function createRank(deps: ServingDeps): Rank {
  const { histories, liveModels, catalogue: currentCatalogue, traits, now } = deps;
  return async (subject, { items, model: name, version, task, fields, scores: shown }) => {
    const model = await liveModels.items.acquire(name, version);
    const asked = taskOf(model, task);
    const scale = scaleFor(model, asked, shown);
    const [stored, catalogue, side] = await Promise.all([
      subject.userId === null ? [] : histories.of(subject.userId),
      currentCatalogue.get(),
      model && traits.of(model, subject.userId, subject.features),
    ]);
    const distinct = [...new Set(items)];
    const known = distinct.filter((id) => model?.rowOf.has(id));
    const unknown = distinct.filter((id) => !model?.rowOf.has(id));
    const { scores, source, vector } =
      model && asked
        ? scoresOf(model, asked, [...(subject.session ?? []), ...stored], side, known, now())
        : { scores: [], source: 'popularity' as const };
    const share =
      scale !== null && vector
        ? await runInSlices(
            createShares(asked!.scorer.kernel, vector, model!.items.length, scale, { leftOut: [] }),
          )
        : null;
    const ranked = known
      .map((itemId, i) => ({ itemId, score: share ? share(scores[i]!) : scores[i]! }))
      // Equal ones keep the caller's order.
      .sort((a, b) => b.score - a.score);
    return {
      userId: subject.userId,
      items: await showItems(catalogue, ranked, fields, false),
      unknown,
      source,
      ...(shown === 'probability' && { scores: share ? 'probability' : 'raw' }),
      model: model && { name: model.name, version: model.version, task: asked!.name },
      recommendationId: randomUUID(),
    };
  };
}

function scoresOf(
  model: LiveModel,
  { scorer }: LiveTask,
  history: Parameters<LiveModel['fold']>[0],
  side: Bag | null,
  itemIds: readonly string[],
  now: number,
): { scores: ArrayLike<number>; source: RankAnswer['source']; vector?: Float32Array } {
  const wanted = itemIds.map((id) => model.rowOf.get(id)!);
  const { rows, weights } = model.fold(history, now);
  const { ratings } = model.scorer;
  if (ratings) {
    const predicted = new Float32Array(wanted.length);
    ratings.predict(rows, weights, wanted, predicted);
    return { scores: predicted, source: 'student' };
  }
  if (!model.answers(rows, side)) {
    return { scores: wanted.map((row) => model.scorer.popularity[row]!), source: 'popularity' };
  }
  const scores = new Float32Array(wanted.length);
  const vector = scorer.userVector(rows, weights, side).slice();
  scorer.kernel.scoresOf(vector, wanted, scores);
  return { scores, source: 'student', vector };
}
