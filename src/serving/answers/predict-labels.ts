import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AppError, problem } from '../../core/errors.ts';
import { loudest } from '../../dataset/companions.ts';
import type { Predicted, PredictedLabels } from '../../domain/answers/predicted-labels.ts';
import type { Described } from '../../features/values.ts';
import type { LabelInput } from '../../scoring/label-scorer.ts';
import { shownScore } from '../../scoring/shown-score.ts';
import { MAX_HISTORY } from '../../scoring/user-vector.ts';
import type { CatalogueStore, HistoryRow } from '../../store/data/contract.ts';
import type { Histories } from '../caches/histories.ts';
import type { LiveLabels } from '../models/live-labels.ts';
import type { LiveModels } from '../models/live-models.ts';

/** Something that is not stored. */
export interface Unseen {
  described: Described;
  /** The interactions of a user, the newest first. */
  history?: readonly HistoryRow[];
  /** The users who took an item. */
  takers?: readonly string[];
}

export interface LabelsQuestion {
  model?: string | undefined;
  version?: string | undefined;
  k: number;
  items?: readonly string[] | undefined;
  users?: readonly string[] | undefined;
  /** Entities that are not stored, read as items or as users, whichever the model's labels belong to. */
  entities?: ((of: 'items' | 'users') => readonly Unseen[]) | undefined;
}

export type PredictLabels = (question: LabelsQuestion) => Promise<PredictedLabels>;

interface Deps {
  store: { catalogue: Pick<CatalogueStore, 'getItems' | 'getUser'> };
  histories: Histories;
  liveModels: Pick<LiveModels, 'labels' | 'absence'>;
  now: () => number;
}

const SLICE_MS = 3;

/** Labels from what is known at this moment: of users their history, of items what training saw of them; features of both. */
export function createPredictLabels({ store, histories, liveModels, now }: Deps): PredictLabels {
  return async ({ model: name, version, k, items, users, entities }) => {
    const model = await liveModels.labels.acquire(name, version);
    if (!model) throw noModel(name, name === undefined ? '' : liveModels.absence(name));
    const { of } = model.student;
    if ((items && of === 'users') || (users && of === 'items')) {
      throw problem(
        'invalid-request',
        `Model ${model.name} predicts labels of ${of}; send ${of} or entities.`,
      );
    }
    const results = items
      ? await ofItems(model, items, k)
      : users
        ? await inTurns(users, (userId) => ofUser(model, userId, k))
        : await inTurns(entities!(of), (one) => ofUnseen(model, one, k));
    return { model: { name: model.name, version: model.version }, of, results };
  };

  async function ofItems(model: LiveLabels, ids: readonly string[], k: number): Promise<Predicted[]> {
    const stored = await store.catalogue.getItems([...new Set(ids)]);
    const described = new Map(stored.map((item) => [item.itemId, item]));
    return inTurns(ids, async (id) => {
      const row = model.rowOf.get(id);
      const item = described.get(id);
      if (row === undefined && !item)
        return unknown(id, `Neither model ${model.name} nor the catalogue knows the item`);
      return predict(
        model,
        id,
        { row: model.student.takers[row ?? -1] ? row : undefined, features: bagOf(model, item) },
        k,
      );
    });
  }

  async function ofUser(model: LiveLabels, userId: string, k: number): Promise<Predicted> {
    const [history, user] = [
      await histories.of(userId),
      model.encode && (await store.catalogue.getUser(userId)),
    ];
    if (history.length === 0 && !user) return unknown(userId, 'Nothing is known of the user');
    return predict(model, userId, { behaviour: folded(model, history), features: bagOf(model, user) }, k);
  }

  async function ofUnseen(model: LiveLabels, one: Unseen, k: number): Promise<Predicted> {
    const behaviour = one.takers ? await takenWith(model, one.takers) : folded(model, one.history ?? []);
    return predict(model, null, { behaviour, features: bagOf(model, one.described) }, k);
  }

  /** Sums up what an item is taken with as training does: each history in equal shares. */
  async function takenWith(model: LiveLabels, takers: readonly string[]): Promise<LabelInput['behaviour']> {
    const sums = new Map<number, number>();
    await inTurns([...new Set(takers)], async (userId) => {
      const { rows } = model.fold(await histories.of(userId), now());
      const own = rows.subarray(0, MAX_HISTORY);
      for (const row of own) sums.set(row, (sums.get(row) ?? 0) + 1 / own.length);
    });
    if (sums.size === 0) return undefined;
    const weightOf = (row: number) => sums.get(row)!;
    const rows = loudest([...sums.keys()], weightOf, model.student.takers, MAX_HISTORY);
    return { rows, weights: rows.map(weightOf) };
  }

  function folded(model: LiveLabels, history: readonly HistoryRow[]): LabelInput['behaviour'] {
    const { rows, weights } = model.fold(history, now());
    return rows.length > 0 ? { rows, weights } : undefined;
  }
}

function noModel(name: string | undefined, absence: string): AppError {
  return problem(
    'not-found',
    name === undefined
      ? 'There is no usable model that predicts labels; a job of the task multi-label makes one.'
      : `No labels can be predicted: ${absence}.`,
  );
}

function bagOf({ encode }: LiveLabels, described: Described | null | undefined): LabelInput['features'] {
  const bag = encode && described ? encode(described) : undefined;
  return bag && bag.columns.length > 0 ? bag : undefined;
}

function predict(
  { student, scorer }: LiveLabels,
  id: string | null,
  input: LabelInput,
  k: number,
): Predicted {
  const hasBehaviour = input.behaviour !== undefined || input.row !== undefined;
  const source = hasBehaviour
    ? input.features
      ? 'both'
      : 'behaviour'
    : input.features
      ? 'features'
      : 'frequency';
  const said = source === 'frequency' ? student.shares : scorer.probabilities(input);
  const order = Int32Array.from(said, (_, l) => l).sort((a, b) => said[b]! - said[a]! || a - b);
  const labels = Array.from(order.subarray(0, k), (l) => ({
    label: student.labels[l]!,
    probability: shownScore(said[l]!),
    predicted: said[l]! >= student.thresholds[l]!,
  }));
  return { id, labels, source };
}

function unknown(id: string, what: string): Predicted {
  return { id, problem: { code: 'not-found', detail: `${what} ${JSON.stringify(id)}.` } };
}

/** One after the other, with turns for everybody else. */
async function inTurns<T, R>(list: readonly T[], answer: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let until = performance.now() + SLICE_MS;
  for (const one of list) {
    results.push(await answer(one));
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
  return results;
}
