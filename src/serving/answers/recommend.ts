import { randomUUID } from 'node:crypto';
import { problem } from '../../core/errors.ts';
import { runInSlices } from '../../core/slices.ts';
import type {
  ItemSource,
  Recommendation,
  RecommendedItem,
  RecommendOptions,
} from '../../domain/answers/recommendation.ts';
import type { Bag } from '../../features/encoding.ts';
import type { RowMask } from '../../scoring/scan/kernel.ts';
import type { StudentScorer } from '../../scoring/student-scorer.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import type { CatalogueView } from '../views/catalogue-view.ts';
import { createItemFilters, type ItemFilter } from '../views/item-filter.ts';
import type { ActiveRules } from '../views/rules.ts';
import { candidatesFor, diversify, type RankedRows } from './diversify.ts';
import { explain } from './explain.ts';
import { popularInModel, popularInStore } from './fallback.ts';
import { placePins } from './pins.ts';
import { rankRows } from './rank-rows.ts';
import { type ServingDeps, taskOf } from './serving-deps.ts';
import { showItems } from './show-items.ts';

/** Who is asked for: a known user, a session, or both. */
export interface Subject {
  userId: string | null;
  /** The newest first. */
  session?: readonly HistoryRow[];
  /** What is said of them, in place of what is stored under the same names. */
  features?: Readonly<Record<string, unknown>>;
}

/** Milliseconds, filled in as the answer comes about. */
export interface Timing {
  history: number;
  vector: number;
  scan: number;
}

export type Recommend = (
  subject: Subject,
  options: RecommendOptions,
  timing?: Timing,
) => Promise<Recommendation>;

/** One request's facts. */
interface Request {
  options: RecommendOptions;
  model: LiveModel | null;
  /** Of the model. */
  task: LiveTask | null;
  /** Only these behaviours make an item seen; undefined for all of them. */
  seenTypes: ReadonlySet<string> | undefined;
  history: readonly HistoryRow[];
  /** What is said of the user, where the model reads it. */
  side: Bag | null;
  catalogue: CatalogueView;
  filter: ItemFilter | null;
  mask: RowMask | undefined;
  rules: ActiveRules | null;
  exclude: ReadonlySet<string>;
}

interface Sourced extends RecommendedItem {
  source: ItemSource;
}

/** From the history as it is now, through the model; popularity where that cannot be. */
export function createRecommend(deps: ServingDeps): Recommend {
  const {
    store,
    histories,
    liveModels,
    catalogue: currentCatalogue,
    rules: currentRules,
    traits,
    now,
  } = deps;
  const filterOf = createItemFilters();

  async function gather(subject: Subject, options: RecommendOptions): Promise<Request> {
    const filter = filterOf(options.category, options.filter);
    // One reference for the whole request, whatever is swapped meanwhile.
    const model = await liveModels.items.acquire(options.model, options.version);
    const task = taskOf(model, options.task);
    const [stored, catalogue, side] = await Promise.all([
      subject.userId === null ? [] : histories.of(subject.userId),
      currentCatalogue.get(),
      model && traits.of(model, subject.userId, subject.features),
    ]);
    const rules = await currentRules.get(model, catalogue);
    const mask = filter && model ? await catalogue.mask(model, filter) : undefined;
    const history = subject.session ? [...subject.session, ...stored] : stored;
    const seenTypes = options.seenTypes?.length ? new Set(options.seenTypes) : task?.seenTypes;
    return {
      options,
      model,
      task,
      seenTypes,
      history,
      side,
      catalogue,
      filter,
      mask,
      rules,
      exclude: new Set(options.exclude),
    };
  }

  return async (subject, options, timing = { history: 0, vector: 0, scan: 0 }) => {
    const started = performance.now();
    const request = await gather(subject, options);
    timing.history = performance.now() - started;

    const personal = request.model && (await fromStudent(request.model, request, now(), timing));
    const reason = personal ? undefined : whyNotPersonal(request, subject);
    if (reason !== undefined && options.strict) throw problem('not-found', `strict=true, and ${reason}`);
    const found = personal ?? (await popular(request, options.k, [], true));
    const filled = await fillUp(request, found);
    const items = placePins(filled, request, options.k);
    return compose(subject, request, items, reason ?? whyFilled(found, filled));
  };

  /** Popular items that are not among those there already. */
  async function popular(request: Request, k: number, there: readonly Sourced[], filtered: boolean) {
    const { model, catalogue, filter, mask, rules } = request;
    const isLeftOut = leftOutBy(request, there);
    const hidden = rules && new Set(rules.hiddenRows);
    const passes = (item: Parameters<NonNullable<ItemFilter['holds']>>[0] | null) =>
      (!filtered || !filter || (item !== null && filter.holds(item))) &&
      !item?.categories.some((name) => rules?.hiddenCategories.has(name));
    const hasConditions = (filtered && filter !== null) || (rules?.hiddenCategories.size ?? 0) > 0;
    const items = model
      ? popularInModel(
          model,
          k,
          (itemId) => isLeftOut(itemId) || (hidden?.has(model.rowOf.get(itemId)!) ?? false),
          filtered ? mask?.allowed : undefined,
        )
      : await popularInStore(
          {
            interactions: store.interactions,
            itemsOf: catalogue.items,
            passes: hasConditions ? passes : null,
          },
          k,
          isLeftOut,
          request.history.length + catalogue.blockedCount + request.exclude.size + there.length,
        );
    return items.map((item): Sourced => ({ ...item, source: 'popularity' }));
  }

  /** A filter that few items pass leaves places free. */
  async function fillUp(request: Request, found: Sourced[]): Promise<Sourced[]> {
    const free = request.options.k - found.length;
    if (free <= 0 || !request.filter || request.options.strict) return found;
    return [...found, ...(await popular(request, free, found, false))];
  }

  async function compose(
    subject: Subject,
    request: Request,
    items: Sourced[],
    reason: string | undefined,
  ): Promise<Recommendation> {
    const sources = new Set(items.map(({ source }) => source));
    const [only] = sources;
    const source = sources.size > 1 ? 'mixed' : (only ?? (reason === undefined ? 'student' : 'popularity'));
    const { model } = request;
    return {
      userId: subject.userId,
      items: await showItems(request.catalogue, items, request.options.fields, source === 'mixed'),
      source,
      ...(reason !== undefined && { reason: items.length > 0 ? reason : `${reason}${NOTHING}` }),
      model: model && {
        name: model.name,
        version: model.version,
        task: request.task!.name,
      },
      recommendationId: randomUUID(),
    };
  }
}

const NOTHING = '; nor is there any popular item to show instead';

/** Null when no item of the history counts, and nothing is said of the user. */
async function fromStudent(
  model: LiveModel,
  request: Request,
  now: number,
  timing: Timing,
): Promise<Sourced[] | null> {
  const { options, rules, seenTypes, side } = request;
  const { scorer } = request.task!;
  const started = performance.now();
  // Nothing may be awaited before the scan has begun: the scorer's answers are overwritten by its next call.
  const { rows, weights, seen } = model.fold(request.history, now, seenTypes);
  if (rows.length === 0 && !side) return null;
  const history = { rows: rows.slice(), weights: weights.slice(), side };
  const vector = scorer.userVector(rows, weights, side);
  timing.vector = performance.now() - started;
  const leftOut: ArrayLike<number>[] = [request.catalogue.blockedRows(model), rowsOf(model, request.exclude)];
  if (!options.includeSeen) leftOut.push(seen);
  if (rules) leftOut.push(rules.hiddenRows);
  const { k, diversity = 0 } = options;
  const wanted = diversity > 0 ? candidatesFor(k) : k;
  let ranked = await rankRows(model, vector, wanted, leftOut, request.mask, rules);
  timing.scan = performance.now() - started - timing.vector;
  if (diversity > 0 && ranked.rows.length > 0) {
    ranked = await runInSlices(diversify(ranked, model.weights.itemsOut, k, diversity));
  }
  return withReasons(model, scorer, history, ranked, options.explain ?? false);
}

async function withReasons(
  model: LiveModel,
  scorer: StudentScorer,
  history: { rows: Int32Array; weights: Float32Array; side: Bag | null },
  { rows, scores }: RankedRows,
  explained: boolean,
): Promise<Sourced[]> {
  const items = rows.map(
    (row, i): Sourced => ({ itemId: model.items[row]!, score: scores[i]!, source: 'student' }),
  );
  if (!explained) return items;
  const reasons = await runInSlices(explain(scorer, history, rows));
  return items.map((item, i) => ({
    ...item,
    because: reasons[i]!.map(({ row, contribution }) => ({ itemId: model.items[row]!, contribution })),
  }));
}

function rowsOf(model: LiveModel, itemIds: ReadonlySet<string>): number[] {
  const rows: number[] = [];
  for (const itemId of itemIds) {
    const row = model.rowOf.get(itemId);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function leftOutBy(request: Request, there: readonly Sourced[]): (itemId: string) => boolean {
  const { history, catalogue, exclude, rules, options, seenTypes } = request;
  const isSeen = ({ type }: HistoryRow) => seenTypes === undefined || seenTypes.has(type);
  const seen = new Set(options.includeSeen ? [] : history.filter(isSeen).map(({ itemId }) => itemId));
  const taken = new Set(there.map(({ itemId }) => itemId));
  return (itemId) =>
    seen.has(itemId) ||
    taken.has(itemId) ||
    exclude.has(itemId) ||
    catalogue.isBlocked(itemId) ||
    (rules?.isHidden(itemId) ?? false);
}

function whyNotPersonal({ model, options, history }: Request, { userId }: Subject): string {
  if (!model) {
    return options.model
      ? `model ${options.model} has no usable version yet`
      : 'there is no usable model yet';
  }
  if (history.length === 0) {
    return userId === null ? 'the session has no interaction' : 'no interaction of this user is known';
  }
  return `none of the user's interactions counts for model ${model.name}: their items are unknown to it or their weight is 0`;
}

function whyFilled(found: readonly Sourced[], filled: readonly Sourced[]): string | undefined {
  const added = filled.length - found.length;
  if (added === 0) return undefined;
  return `only ${found.length} items fit category and filter; the last ${added} are popular items that do not (strict=true leaves them out)`;
}
