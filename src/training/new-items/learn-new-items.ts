import { dequantizeRows, quantizeRows } from '../../artifact/student/quantize.ts';
import {
  type FeatureWeights,
  isTied,
  type StoredRows,
  type StudentWeights,
} from '../../artifact/student/student-weights.ts';
import { AppError } from '../../core/errors.ts';
import type { CatalogueItems } from '../../dataset/catalogue-items.ts';
import { filterEntries } from '../../dataset/matrix.ts';
import type { NewItemsReport } from '../../domain/reports/new-items-report.ts';
import { bucketsOf, encodeAll, type FeatureEncoding } from '../../features/encoding.ts';
import { typeOfField } from '../../features/field-type.ts';
import { fitEncoding } from '../../features/fit.ts';
import { type Described, fieldsOf } from '../../features/values.ts';
import { itemHashes } from '../../scoring/item-hash.ts';
import type { Engine } from '../../tensor/engine.ts';
import { type Choice, chooseMap, createTries, type Part, recallOf } from './choose-map.ts';
import { fitItemMap, howWellLearned, type ItemMap, rowsWithBias } from './item-map.ts';
import {
  countsOf,
  enough,
  FEWEST_HIDDEN,
  FEWEST_USERS,
  hideFromSmall,
  hideParts,
  type PartsData,
} from './parts.ts';
import type { Machine } from './small-model.ts';
import { mean } from './try-map.ts';

const BUCKETS = 65_536;
const MOST_COLUMNS = 2048;
/** Share of the first 20 places that all new items together get at most. */
const MOST_SHARE = 0.3;
/** Share of the hits on these places that new items may cost. */
const MOST_COST = 0.08;
/** Standard errors by which recall must be above chance. */
const SURE = 2;

export interface NewItemsData extends PartsData {
  catalogue: CatalogueItems;
  /** Fields that are tried; all that there are if not given. */
  fields?: readonly string[] | undefined;
  /** Told of fields that are read in another way than they were sent, or not at all. */
  warn?: ((message: string) => void) | undefined;
}

/**
 * Fits a map from what is said of items to the rows of a trained student, so that items which come later are ranked and compared
 * too. How, and whether at all, is decided on known items that are hidden, by a small student without a teacher that has learned
 * neither them nor the users who are asked: the map must find them better than chance. New items get as many of the first 20 places
 * as cost few of the hits there, and stand at the end of a list.
 */
export async function learnNewItems(
  weights: StudentWeights,
  data: NewItemsData,
  machine: Machine,
): Promise<{ weights: StudentWeights; report: NewItemsReport }> {
  const { described, fresh, leftOut } = data.catalogue;
  const silent = (reason: string, more: Partial<NewItemsReport> = {}) => ({
    weights,
    report: { inCatalogue: fresh, recommended: false, reason, ...more },
  });
  const known = described.filter((one) => one !== null);
  const fields = usableFields(known, data);
  if (fields.length === 0)
    return silent('the catalogue says nothing of the items that several of them have in common');
  const parts = hideParts(weights, data, described);
  const counts = countsOf(parts);
  if (!enough(parts))
    return silent(
      `validation needs ${FEWEST_HIDDEN} hidden items and ${FEWEST_USERS} users with 20 others; there are ${counts.items} and ${counts.users}`,
    );
  const unknown = await hideFromSmall(parts, data, machine);
  const share = MOST_SHARE * Math.min(1, counts.items / parts.length / Math.max(1, fresh));
  const { engine } = machine;
  const search = {
    ...{ described, engine },
    encodingOf: (names: readonly string[]) => encodingOf(known, names, false),
  };
  const choice = chooseMap({ ...search, parts: unknown, places: { share, cost: MOST_COST } }, fields);
  const report = reportOf(choice, countsOf(unknown));
  if (!isAboveChance(choice))
    return silent('the map from features finds hidden items no better than chance', report);
  const places = { share: mean(choice.tried.map((one) => one.share)) };
  const own = createTries({ ...search, parts, places })(choice.fields, choice.ridge);
  const made = finalMap(weights, described, own, encodingOf(known, choice.fields, 'apart'), parts, engine);
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
  warn?: (message: string) => void,
): FeatureEncoding {
  const option = 'features.items';
  return fitEncoding(known, {
    option,
    noun: 'item',
    fields,
    always,
    buckets: BUCKETS,
    most: MOST_COLUMNS,
    warn,
  });
}

/** The fields in which several items say the same. */
function usableFields(
  known: readonly Described[],
  { fields: wanted, warn }: Pick<NewItemsData, 'fields' | 'warn'>,
): string[] {
  const fields = wanted ?? [...new Set(known.flatMap(fieldsOf))].sort();
  return fields.filter((field) => {
    try {
      return encodingOf(known, [field], false, warn).known.length > 0;
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'invalid-job')) throw error;
      // The field says nothing that two items have in common, which is usual, or it cannot be read.
      if (typeOfField(known, field, 'item')?.kind === 'vector') warn?.(error.message);
      return false;
    }
  });
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
  parts: readonly Part[],
  engine: Engine,
): NonNullable<FeatureWeights['items']> {
  const all = encoding.known.indexOf(bucketsOf(encoding.fields[0]!, encoding.buckets, null)[0]!);
  const whole = encodeAll(encoding, described);
  const bags = filterEntries(whole, (p) => whole.indices[p] !== all);
  const fit = (targets: Float32Array) =>
    fitItemMap(bags, targets, howWellLearned(weights.popularity), ridge, engine);
  const { width: d } = weights.itemsOut;
  const out = fit(rowsWithBias(weights));
  const scale = mean(tried.map((one) => one.scale));
  const entry = Float32Array.from({ length: d + 1 }, (_, k) =>
    mean(parts.map(({ hidden }) => hidden.entry[k]!)),
  );
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
