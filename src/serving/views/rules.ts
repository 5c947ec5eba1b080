import { ruleHolds, type StoredRule } from '../../domain/answers/rule.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { RuleStore } from '../../store/registry/contract.ts';
import type { Changes } from '../caches/changes.ts';
import type { LiveModel } from '../models/live-model.ts';
import type { CatalogueView } from './catalogue-view.ts';
import type { ItemFilter } from './item-filter.ts';
import { createTrustedRead } from './trusted-read.ts';

/** The rules that hold at one moment for one model, or for answers without one. */
export interface ActiveRules {
  pins: readonly { itemId: string; position: number }[];
  /** True for items hidden by their id; those hidden by category are in `hiddenCategories`. */
  isHidden(itemId: string): boolean;
  hiddenCategories: ReadonlySet<string>;
  /** Rows of the model, by id and by category. */
  hiddenRows: Int32Array;
  boostedRows: Int32Array;
  /** One per boosted row: what is added to its score, whatever the model. */
  amounts: Float32Array;
  /** One per boosted row: logarithms of the factors on its probability. */
  logFactors: Float32Array;
  /** Factors of items whether a model knows them or not; null where no rule has one. */
  factors: ItemFactors | null;
}

/** Factors on how probable items become, products of those of all rules. */
export interface ItemFactors {
  /** Names the rules. */
  key: string;
  of(itemId: string, stored: StoredItem | null): number;
  /** No item has a greater one. */
  highest: number;
}

export interface CurrentRules {
  /** Null when no rule holds. */
  get(model: LiveModel | null, catalogue: CatalogueView): Promise<ActiveRules | null>;
  /** False when a rule may hold, or when that is not known without asking the database. */
  areAbsent(): boolean;
}

/** Reads the rules again when they change, and once a second at most otherwise. */
export function createCurrentRules(
  store: Pick<RuleStore, 'list'>,
  now: () => number,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
): CurrentRules {
  const stored = createTrustedRead(() => store.list(), changes);
  const compiled = new WeakMap<
    LiveModel,
    { key: string; rules: StoredRule[]; active: Promise<ActiveRules> }
  >();
  return {
    async get(model, catalogue) {
      const rules = (await stored.get()).filter((rule) => ruleHolds(rule, model?.name, now()));
      if (rules.length === 0) return null;
      if (!model) return compile(rules, null, catalogue);
      const key = `${catalogue.revision} ${rules.map(({ id }) => id).join()}`;
      const kept = compiled.get(model);
      // Rules are never changed in place: the same ids are the same rules.
      if (kept?.key === key) return kept.active;
      const active = compile(rules, model, catalogue);
      compiled.set(model, { key, rules, active });
      active.catch(() => compiled.delete(model));
      return active;
    },

    areAbsent: () => stored.peek()?.length === 0,
  };
}

async function compile(
  rules: readonly StoredRule[],
  model: LiveModel | null,
  catalogue: CatalogueView,
): Promise<ActiveRules> {
  const hides = rules.filter(({ action }) => action === 'hide');
  const hidden = new Set(hides.flatMap(({ items }) => items));
  const boosts = new Map<number, { amount: number; logFactor: number }>();
  const hiddenRows = new Set<number>();
  if (model) {
    for (const rule of hides) for (const row of await rowsOf(rule, model, catalogue)) hiddenRows.add(row);
    for (const rule of rules) {
      if (rule.action !== 'boost') continue;
      for (const row of await rowsOf(rule, model, catalogue)) {
        const { amount, logFactor } = boosts.get(row) ?? { amount: 0, logFactor: 0 };
        boosts.set(row, {
          amount: amount + (rule.amount ?? 0),
          logFactor: logFactor + Math.log(rule.factor ?? 1),
        });
      }
    }
  }
  return {
    pins: rules.flatMap(({ action, items, position }) =>
      action === 'pin' ? items.map((itemId, i) => ({ itemId, position: (position ?? 1) + i })) : [],
    ),
    isHidden: (itemId) => hidden.has(itemId),
    hiddenCategories: new Set(hides.flatMap(({ categories }) => categories)),
    hiddenRows: Int32Array.from(hiddenRows),
    boostedRows: Int32Array.from(boosts.keys()),
    amounts: Float32Array.from(boosts.values(), ({ amount }) => amount),
    logFactors: Float32Array.from(boosts.values(), ({ logFactor }) => logFactor),
    factors: factorsOf(rules),
  };
}

/** Rules of earlier releases have an amount in units of scores, which moves nothing here. */
function factorsOf(rules: readonly StoredRule[]): ItemFactors | null {
  const boosts = rules
    .filter(({ action, factor }) => action === 'boost' && factor != null)
    .map(({ id, items, categories, factor }) => ({
      id,
      items: new Set(items),
      categories: new Set(categories),
      factor: factor!,
    }));
  if (boosts.length === 0) return null;
  return {
    key: boosts.map(({ id }) => id).join(),
    of: (itemId, stored) =>
      boosts
        .filter(
          ({ items, categories }) =>
            items.has(itemId) || stored?.categories.some((name) => categories.has(name)) === true,
        )
        .reduce((product, { factor }) => product * factor, 1),
    highest: boosts.reduce((product, { factor }) => product * Math.max(1, factor), 1),
  };
}

async function rowsOf(rule: StoredRule, model: LiveModel, catalogue: CatalogueView): Promise<Set<number>> {
  const rows = new Set<number>();
  for (const itemId of rule.items) {
    const row = model.rowOf.get(itemId);
    if (row !== undefined) rows.add(row);
  }
  if (rule.categories.length > 0) {
    const { allowed } = await catalogue.mask(model, inCategories(rule.categories));
    for (let row = 0; row < allowed.length; row++) if (allowed[row]) rows.add(row);
  }
  return rows;
}

function inCategories(categories: readonly string[]): ItemFilter {
  const wanted = new Set(categories);
  return {
    key: JSON.stringify([[...wanted].sort(), null]),
    categories,
    condition: null,
    holds: (item) => item.categories.some((name) => wanted.has(name)),
  };
}
