import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { FilterWarning } from '../../domain/answers/recommendation.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { CatalogueStore } from '../../store/data/contract.ts';
import type { Condition, Literal } from '../filter/parse.ts';
import type { ItemFilter } from './item-filter.ts';

/** The words of a catalogue: what a filter can be about. */
export interface Vocabulary {
  categories: ReadonlySet<string>;
  labels: ReadonlySet<string>;
  /** Paths into features, joined by dots, with the types of the values that items have there. */
  fields: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Looks for what no item can fit: a mistake, most of the time. */
export interface FilterCheck {
  warnings(filter: ItemFilter | null, revision: number): Promise<FilterWarning[]>;
}

const PAGE = 250;
const MOST_FIELDS = 10_000;
const DEEPEST = 8;
/** Reading the whole catalogue may take so small a share of the time. */
const READING_SHARE = 0.05;
/** A catalogue that takes no longer is read again whenever items have changed: a warning about new words would be wrong. */
const QUICK_MS = 100;
/** A request waits so long for its warnings. */
const PATIENCE_MS = 1000;

/** The catalogue is read at the first filter, and again where a filter looks wrong and items have changed since. */
export function createFilterCheck(catalogue: Pick<CatalogueStore, 'latestItems'>): FilterCheck {
  let known: { revision: number; vocabulary: Vocabulary; renewable: number } | null = null;
  let reading: Promise<void> | null = null;

  async function read(revision: number): Promise<void> {
    const started = performance.now();
    const vocabulary = await readVocabulary(catalogue);
    const ended = performance.now();
    const slowness = Math.max(0, ended - started - QUICK_MS);
    known = { revision, vocabulary, renewable: ended + slowness / READING_SHARE };
  }

  function renew(revision: number): Promise<void> {
    reading ??= read(revision)
      .catch(() => {})
      .finally(() => {
        reading = null;
      });
    return reading;
  }

  const look = (filter: ItemFilter) => (known ? warningsOf(filter, known.vocabulary) : []);

  return {
    async warnings(filter, revision) {
      if (!filter) return [];
      const found = look(filter);
      const isOld = !known || (found.length > 0 && known.revision !== revision);
      if (!isOld || (known && performance.now() < known.renewable)) return found;
      await Promise.race([renew(revision), sleep(PATIENCE_MS, undefined, { ref: false })]);
      return look(filter);
    },
  };
}

async function readVocabulary(catalogue: Pick<CatalogueStore, 'latestItems'>): Promise<Vocabulary> {
  const categories = new Set<string>();
  const labels = new Set<string>();
  const fields = new Map<string, Set<string>>();
  let after: Awaited<ReturnType<CatalogueStore['latestItems']>>['next'] | undefined;
  while (after !== null) {
    const page = await catalogue.latestItems(PAGE, after);
    for (const item of page.items) note(item);
    after = page.next;
    await nextTurn();
  }
  return { categories, labels, fields };

  function note(item: StoredItem): void {
    for (const name of item.categories) categories.add(name);
    for (const name of item.labels) labels.add(name);
    for (const [name, value] of Object.entries(item.features)) noteValue(name, value, 1);
  }

  function noteValue(path: string, value: unknown, depth: number): void {
    if (Array.isArray(value)) {
      for (const one of value) noteValue(path, one, depth);
    } else if (typeof value === 'object' && value !== null) {
      if (depth === DEEPEST) return;
      for (const [name, inner] of Object.entries(value)) noteValue(`${path}.${name}`, inner, depth + 1);
    } else if (value !== null) {
      const types = fields.get(path) ?? new Set();
      if (types.size === 0 && fields.size >= MOST_FIELDS) return;
      fields.set(path, types.add(typeof value));
    }
  }
}

function warningsOf({ categories, condition }: ItemFilter, vocabulary: Vocabulary): FilterWarning[] {
  const found = categories.flatMap((name) => unknownName('category', name, vocabulary.categories));
  for (const { path, values } of condition ? comparisonsOf(condition) : []) {
    found.push(...lookAt(path, values, vocabulary));
  }
  return [...new Map(found.map((warning) => [warning.detail, warning])).values()];
}

interface Compared {
  path: readonly string[];
  values: readonly Literal[];
}

function comparisonsOf(condition: Condition): Compared[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(comparisonsOf);
    case 'not':
      return comparisonsOf(condition.part);
    case 'in':
      return [{ path: condition.path, values: condition.values }];
    case 'range':
      return [{ path: condition.path, values: [condition.low, condition.high] }];
    case 'compare':
      return [{ path: condition.path, values: [condition.value] }];
  }
}

function lookAt(
  path: readonly string[],
  values: readonly Literal[],
  vocabulary: Vocabulary,
): FilterWarning[] {
  const [first, ...rest] = path;
  if (rest.length === 0 && (first === 'category' || first === 'categories')) {
    return values.flatMap((value) => unknownName('category', value, vocabulary.categories));
  }
  if (rest.length === 0 && (first === 'label' || first === 'labels')) {
    return values.flatMap((value) => unknownName('label', value, vocabulary.labels));
  }
  const isOwn = rest.length === 0 && (first === 'itemId' || first === 'title');
  const name = (first === 'features' && rest.length > 0 ? rest : path).join('.');
  const types = isOwn ? new Set(['string']) : vocabulary.fields.get(name);
  if (!types) {
    return [
      { code: 'unknown-field', detail: `filter asks for ${name}, which no item of the catalogue has.` },
    ];
  }
  const wrong = values.find((value) => !types.has(typeof value));
  if (wrong === undefined) return [];
  const detail = `filter compares ${name} with ${describe(wrong)}, but in the catalogue it is ${[...types].map(named).join(' or ')}${advice(name, wrong, types)}.`;
  return [{ code: 'other-type', detail }];
}

function unknownName(
  kind: 'category' | 'label',
  value: Literal,
  known: ReadonlySet<string>,
): FilterWarning[] {
  if (typeof value !== 'string') {
    return [
      { code: 'other-type', detail: `filter compares ${kind} with ${describe(value)}, but it is a text.` },
    ];
  }
  if (known.has(value)) return [];
  const parts = value.split(',').map((part) => part.trim());
  const hint =
    kind === 'category' && parts.length > 1 && parts.every((part) => known.has(part))
      ? `; send ${parts.map((part) => `category=${part}`).join('&')} for any of these`
      : '';
  const code = kind === 'category' ? 'unknown-category' : 'unknown-field';
  return [{ code, detail: `No item of the catalogue has the ${kind} ${JSON.stringify(value)}${hint}.` }];
}

const NAMES: Record<string, string> = { string: 'a text', number: 'a number', boolean: 'true or false' };
const named = (type: string) => NAMES[type] ?? type;
const describe = (value: Literal) =>
  `${typeof value === 'boolean' ? '' : `${named(typeof value)}, `}${JSON.stringify(value)}`;

function advice(name: string, value: Literal, types: ReadonlySet<string>): string {
  if (
    typeof value === 'string' &&
    types.has('number') &&
    value.trim() !== '' &&
    Number.isFinite(Number(value))
  ) {
    return `; write ${name} = ${Number(value)} without quotes`;
  }
  if (typeof value === 'number' && types.has('string')) return `; write ${name} = "${value}" in quotes`;
  return '';
}
