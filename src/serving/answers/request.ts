import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { FilterWarning, ItemSource, RecommendedItem } from '../../domain/answers/recommendation.ts';
import type { Bag } from '../../features/encoding.ts';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import type { CatalogueView } from '../views/catalogue-view.ts';
import { createItemFilters, type ItemFilter } from '../views/item-filter.ts';
import type { ActiveRules } from '../views/rules.ts';
import type { Conditions } from './gate.ts';
import { scaleFor } from './probability.ts';
import { saidOfItems } from './said-of-items.ts';
import { type ServingDeps, taskOf } from './serving-deps.ts';

/** Who is asked for: a known user, a session, or both. */
export interface Subject {
  userId: string | null;
  /** The newest first. */
  session?: readonly HistoryRow[];
  /** Features of the user, which replace stored ones of the same names. */
  features?: Readonly<Record<string, unknown>>;
}

/** Milliseconds, filled in as the answer comes about. */
export interface Timing {
  history: number;
  vector: number;
  scan: number;
}

/** All that one request is answered from, read once. */
export interface Request {
  options: RecommendOptions;
  model: LiveModel | null;
  /** The task of the model that is asked for. */
  task: LiveTask | null;
  /** The scale of its scores where probabilities are asked for, null where they are shown as they are. */
  scale: number | null;
  /** Only these behaviours make an item seen; undefined for all of them. */
  seenTypes: ReadonlySet<string> | undefined;
  history: readonly HistoryRow[];
  /** The user's features as the model reads them; null where it reads none. */
  side: Bag | null;
  catalogue: CatalogueView;
  filter: ItemFilter | null;
  mask: RowMask | undefined;
  rules: ActiveRules | null;
  exclude: ReadonlySet<string>;
  /** Conditions that every item of the answer has to fulfil. */
  conditions: Conditions;
  warnings: FilterWarning[];
}

export interface Sourced extends RecommendedItem {
  source: ItemSource;
}

/** Reads all that a request is answered from, at one moment. */
export function createGather(
  deps: ServingDeps,
): (subject: Subject, options: RecommendOptions) => Promise<Request> {
  const {
    histories,
    liveModels,
    catalogue: currentCatalogue,
    rules: currentRules,
    traits,
    check,
    installedEvents,
  } = deps;
  const filterOf = createItemFilters();
  return async (subject, options) => {
    const filter = filterOf(options.category, options.filter);
    // One reference for the whole request, whatever is swapped meanwhile.
    const model = await liveModels.items.acquire(options.model, options.version);
    const task = taskOf(model, options.task);
    const scale = scaleFor(model, task, options.scores);
    const [stored, catalogue, side, installed] = await Promise.all([
      subject.userId === null ? [] : histories.of(subject.userId),
      currentCatalogue.get(),
      model && traits.of(model, subject.userId, subject.features),
      installedEvents.get(),
    ]);
    const rules = await currentRules.get(model, catalogue);
    const mask = filter && model ? await catalogue.mask(model, filter) : undefined;
    const history = subject.session ? [...subject.session, ...stored] : stored;
    const seenTypes = options.seenTypes?.length ? new Set(options.seenTypes) : task?.seenTypes;
    const exclude = new Set(options.exclude);
    const said = saidOfItems(history, seenTypes, installed, model?.manifest.weighting);
    const { disliked } = said;
    const seen = options.includeSeen ? NOTHING : said.seen;
    return {
      options,
      model,
      task,
      scale,
      seenTypes,
      history,
      side,
      catalogue,
      filter,
      mask,
      rules,
      exclude,
      conditions: { catalogue, rules, filter, exclude, seen, disliked },
      warnings: await check.warnings(filter, catalogue.revision),
    };
  };
}

const NOTHING: ReadonlySet<string> = new Set();
