import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type {
  FilterWarning,
  ItemSource,
  RecommendedItem,
  Variant,
} from '../../domain/answers/recommendation.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import type { Bag } from '../../features/encoding.ts';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import type { CatalogueView } from '../views/catalogue-view.ts';
import { createItemFilters, type ItemFilter } from '../views/item-filter.ts';
import type { ActiveRules } from '../views/rules.ts';
import { acquireFor } from './acquire-for.ts';
import type { Conditions } from './gate.ts';
import { scaleFor } from './probability.ts';
import { createMeanings, saidOfItems } from './said-of-items.ts';
import type { ServingDeps } from './serving-deps.ts';
import { rotationOf, wornOut } from './worn-out.ts';

/** Who is asked for: a known user, a session, or both. */
export interface Subject {
  userId: string | null;
  /** Stays the same for somebody who is no known user; it decides about the variant alone. */
  visitor?: string;
  /** The newest first. */
  session?: readonly HistoryRow[];
  /** Features of the user, which replace stored ones of the same names. */
  features?: Readonly<Record<string, unknown>>;
}

/** Who decides about the variant. */
export function whoOf({ userId, visitor }: Subject): string | null {
  return userId ?? visitor ?? null;
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
  /** Why there is no model; empty where there is one. */
  absence: string;
  /** The part of the traffic that answers; undefined without traffic. */
  variant?: Variant;
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
  /** Items that were shown too often. */
  worn: ReadonlySet<string>;
  /** The number of items on the pages before. */
  before: number;
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
    catalogue: currentCatalogue,
    rules: currentRules,
    traits,
    check,
    installedEvents,
    policies,
  } = deps;
  const filterOf = createItemFilters();
  return async (subject, options) => {
    const filter = filterOf(options.category, options.filter);
    // One reference for the whole request, whatever is swapped meanwhile.
    const { model, task, absence, variant } = await acquireFor(deps, options, whoOf(subject));
    const scale = scaleFor(model, task, options.scores);
    const [stored, catalogue, side, installed, policy] = await Promise.all([
      subject.userId === null ? [] : histories.of(subject.userId),
      currentCatalogue.get(),
      model && traits.of(model, subject.userId, subject.features),
      installedEvents.get(),
      policies.of(model?.name ?? options.model),
    ]);
    const rules = await currentRules.get(model, catalogue);
    const mask = filter && model ? await catalogue.mask(model, filter) : undefined;
    const history = subject.session ? [...subject.session, ...stored] : stored;
    const named = options.seenTypes?.length ? options.seenTypes : policy?.seenTypes;
    const seenTypes = named ? new Set(named) : task?.seenTypes;
    const rotation = rotationOf(options, policy);
    const { shown = [] } = options;
    const exclude = new Set([...(options.exclude ?? []), ...shown]);
    const weighting = model?.manifest.weighting;
    const said = saidOfItems(history, seenTypes, installed, weighting);
    const worn = rotation
      ? wornOut(history, rotation, createMeanings(installed, weighting), deps.now())
      : NOTHING;
    const { disliked } = said;
    const seen = options.includeSeen ? NOTHING : said.seen;
    return {
      options,
      model,
      task,
      absence,
      ...(variant && { variant }),
      scale,
      seenTypes,
      history,
      side,
      catalogue,
      filter,
      mask,
      rules,
      exclude,
      worn,
      before: shown.length,
      conditions: { catalogue, rules, filter, exclude, seen, disliked, worn },
      warnings: [
        ...(await check.warnings(filter, catalogue.revision)),
        ...(await unheardTypes(deps, options.seenTypes, installed)),
      ],
    };
  };
}

const NOTHING: ReadonlySet<string> = new Set();

/** A warning for each type that neither an interaction has nor anybody has declared. */
async function unheardTypes(
  { typesThere }: Pick<ServingDeps, 'typesThere'>,
  types: readonly string[] = [],
  installed: Installed,
): Promise<FilterWarning[]> {
  const doubtful = types.filter((type) => installed(type) === null);
  if (doubtful.length === 0) return [];
  const there = await typesThere();
  return doubtful
    .filter((type) => !there.includes(type))
    .map((type) => ({
      code: 'unknown-type',
      detail: `seenTypes: no interaction has the type ${JSON.stringify(type)}, and nobody has declared it.`,
    }));
}
