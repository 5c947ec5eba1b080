import { dequantizeRows, quantizeRows } from '../../artifact/student/quantize.ts';
import {
  type FeatureWeights,
  isTied,
  type StoredRows,
  type StudentWeights,
} from '../../artifact/student/student-weights.ts';
import { AppError } from '../../core/errors.ts';
import { createRng, drawOf } from '../../core/rng.ts';
import type { CatalogueItems } from '../../dataset/catalogue-items.ts';
import { type Csr, filterEntries } from '../../dataset/matrix.ts';
import type { NewItemsReport } from '../../domain/reports/new-items-report.ts';
import { bucketsOf, encodeAll, type FeatureEncoding } from '../../features/encoding.ts';
import { fitEncoding } from '../../features/fit.ts';
import { type Described, fieldsOf } from '../../features/values.ts';
import { itemHashes } from '../../scoring/item-hash.ts';
import { createStudentScorer } from '../../scoring/student-scorer.ts';
import { type Choice, chooseMap, recallOf } from './choose-map.ts';
import { type HiddenItems, hideItems } from './hidden-items.ts';
import { fitItemMap, howWellLearned, type ItemMap, rowsWithBias } from './item-map.ts';
import { mean } from './try-map.ts';

const BUCKETS = 65_536;
const MOST_COLUMNS = 2048;
/** Share of the items that are hidden at a time, and how many at most. */
const HIDDEN = 0.1;
const MOST_HIDDEN = 2000;
/** Below so many items several parts are hidden one after the other: one alone would say too little. */
const ENOUGH_ITEMS = 5000;
const PARTS = 3;
/** Below these validation tells nothing. */
const FEWEST_HIDDEN = 10;
const FEWEST_USERS = 50;
/** Share of the first 20 places that all new items together get at most. */
const MOST_SHARE = 0.2;
/** Standard errors by which recall must be above chance. */
const SURE = 2;

export interface NewItemsData {
  /** [users, items] that the student was taught on. */
  histories: Csr;
  /** [users, items] further pairs that lists leave out, such as low ratings. */
  listless?: Csr | undefined;
  catalogue: CatalogueItems;
  items: readonly string[];
  /** Fields that are tried; all that there are if not given. */
  fields?: readonly string[] | undefined;
  seed: number;
}

/**
 * Fits a map from what is said of items to the rows of a trained student, so that items which come later are ranked and compared
 * too. Whether it is used is decided on known items that are hidden: it must find them better than chance.
 *
 * New items get the share of the places that they would have if they were as popular as the hidden ones, and stand at the end of a list.
 */
export function learnNewItems(
  weights: StudentWeights,
  data: NewItemsData,
): { weights: StudentWeights; report: NewItemsReport } {
  const { described, fresh, leftOut } = data.catalogue;
  const silent = (reason: string, more: Partial<NewItemsReport> = {}) => ({
    weights,
    report: { inCatalogue: fresh, recommended: false, reason, ...more },
  });
  const known = described.filter((one) => one !== null);
  const fields = usableFields(known, data.fields);
  if (fields.length === 0)
    return silent('the catalogue says nothing of the items that several of them have in common');
  const hidden = hideParts(weights, data);
  const users = hidden.reduce((sum, one) => sum + one.users.length, 0);
  const items = hidden.reduce((sum, one) => sum + one.items.length, 0);
  if (items < FEWEST_HIDDEN || users < FEWEST_USERS)
    return silent(
      `validation needs ${FEWEST_HIDDEN} hidden items and ${FEWEST_USERS} users with 20 others; there are ${items} and ${users}`,
    );
  const share = shareOf(weights, hidden, fresh);
  const choice = chooseMap(
    { weights, described, hidden, share, encodingOf: (names) => encodingOf(known, names, false) },
    fields,
  );
  const report = reportOf(choice, { items, users });
  if (!isAboveChance(choice))
    return silent('the map from features finds hidden items no better than chance', report);
  const made = finalMap(weights, described, choice, encodingOf(known, choice.fields, 'apart'), hidden);
  const hashes = itemHashes(leftOut);
  return {
    weights: {
      ...weights,
      features: { ...weights.features, items: { ...made, ...(hashes.length > 0 && { leftOut: hashes }) } },
    },
    report: { inCatalogue: fresh, recommended: true, ...report },
  };
}

function encodingOf(
  known: readonly Described[],
  fields: readonly string[],
  always: false | 'apart',
): FeatureEncoding {
  const option = 'features.items';
  return fitEncoding(known, { option, noun: 'item', fields, always, buckets: BUCKETS, most: MOST_COLUMNS });
}

/** The fields in which several items say the same. */
function usableFields(known: readonly Described[], wanted: readonly string[] | undefined): string[] {
  const fields = wanted ?? [...new Set(known.flatMap(fieldsOf))].sort();
  return fields.filter((field) => {
    try {
      return encodingOf(known, [field], false).known.length > 0;
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid-job') return false;
      throw error;
    }
  });
}

function hideParts(
  weights: StudentWeights,
  { items, catalogue, seed, ...pairs }: NewItemsData,
): HiddenItems[] {
  const scorer = createStudentScorer(weights);
  const rng = createRng(seed).fork('new-items');
  const part = Math.min(HIDDEN, MOST_HIDDEN / items.length);
  const draws = Float64Array.from(items, (id) => drawOf(`new:${id}`, seed));
  const parts = items.length < ENOUGH_ITEMS ? PARTS : 1;
  return Array.from({ length: parts }, (_, i) => {
    const isHidden = (item: number) =>
      Math.floor(draws[item]! / part) === i &&
      catalogue.described[item] !== null &&
      weights.popularity[item]! > 0;
    const rows = Int32Array.from(items, (_, item) => item).filter(isHidden);
    return hideItems(scorer, weights, pairs, rows, rng.fork(String(i)));
  }).filter((one) => one.items.length > 0 && one.users.length > 0);
}

/**
 * The share of the first 20 places for the hidden items. Of equally popular items a user who is half-way has half of the known ones in
 * the history, where lists leave them out, and none of the new ones: f of all pairs are 2f / (1 + f) of those to come.
 */
function shareOf({ popularity }: StudentWeights, hidden: readonly HiddenItems[], fresh: number): number {
  const all = popularity.reduce((sum, weight) => sum + weight, 0);
  const f = mean(hidden.map(({ items }) => items.reduce((sum, item) => sum + popularity[item]!, 0) / all));
  const items = mean(hidden.map((one) => one.items.length));
  return Math.min((2 * f) / (1 + f), MOST_SHARE * Math.min(1, items / Math.max(1, fresh)));
}

function isAboveChance({ tried }: Choice): boolean {
  const gains = Float64Array.from(
    tried.flatMap(({ recall, byChance }) => [...recall].map((r) => r - byChance)),
  );
  const gain = mean(gains);
  const deviation = Math.sqrt(mean(gains.map((one) => (one - gain) ** 2)));
  return gain > (SURE * deviation) / Math.sqrt(gains.length);
}

function reportOf(choice: Choice, counts: { items: number; users: number }): Partial<NewItemsReport> {
  const { fields, ridge, tried } = choice;
  const of = (value: 'share' | 'shareOfTen' | 'byChance') => mean(tried.map((one) => one[value]));
  return {
    fields: [...fields],
    ridge,
    validation: {
      ...counts,
      'recall@20': recallOf(choice),
      byChance: of('byChance'),
      shareOf20: of('share'),
      shareOf10: of('shareOfTen'),
    },
  };
}

/** The map as it is stored, fitted to all items. */
function finalMap(
  weights: StudentWeights,
  described: readonly (Described | null)[],
  { ridge, tried }: Choice,
  encoding: FeatureEncoding,
  hidden: readonly HiddenItems[],
): NonNullable<FeatureWeights['items']> {
  const all = encoding.known.indexOf(bucketsOf(encoding.fields[0]!, encoding.buckets, null)[0]!);
  const whole = encodeAll(encoding, described);
  const bags = filterEntries(whole, (p) => whole.indices[p] !== all);
  const fit = (targets: Float32Array) => fitItemMap(bags, targets, howWellLearned(weights.popularity), ridge);
  const { width: d } = weights.itemsOut;
  const out = fit(rowsWithBias(weights));
  const scale = mean(tried.map((one) => one.scale));
  const entry = Float32Array.from({ length: d + 1 }, (_, k) => mean(hidden.map((one) => one.entry[k]!)));
  const columns = encoding.known.length;
  const table = tableOf(out, columns, all, scale);
  const itemBias = Float32Array.from({ length: columns }, (_, column) => table[column * (d + 1) + d]!);
  itemBias[all] = entry[d]! + mean(tried.map((one) => one.offset));
  const rows = new Float32Array(columns * d).map((_, i) => table[Math.floor(i / d) * (d + 1) + (i % d)]!);
  const itemsOut = quantizeRows(rows, columns, d, 'int8');
  const into = ({ width, ...matrix }: StoredRows) =>
    quantizeRows(tableOf(fit(dequantizeRows({ width, ...matrix })), columns, all, 1), columns, width, 'int8');
  return {
    encoding,
    itemsOut,
    itemsIn: isTied(weights) ? itemsOut : into(weights.itemsIn),
    itemBias,
    entry: entry.subarray(0, d).map((value, k) => value - out.mean[k]!),
  };
}

/** [columns, width] the table times a factor, and the mean of all in the column that all items have. */
function tableOf(
  { table, mean: middle, width }: ItemMap,
  columns: number,
  all: number,
  factor: number,
): Float32Array {
  const values = new Float32Array(columns * width).map((_, i) => factor * table[i]!);
  values.set(middle, all * width);
  return values;
}
