import { problem } from '../core/errors.ts';
import type { InteractionSource } from '../domain/data/interaction-source.ts';
import { interactionWeight, type Weighting } from '../domain/data/weighting.ts';
import type { LeftOut, RowFilter } from './filter.ts';
import { createRows, type RowColumns } from './row-columns.ts';
import { TEST, TRAIN, VALIDATION } from './split/split-parts.ts';

/** Everything that counts, in columns; 24 bytes a row, so that ten million rows stay small. */
export interface WeighedColumns extends RowColumns {
  /** Under `weighting`: those that weigh nothing, by their type, their value or their age. */
  leftOut: Omit<LeftOut, 'minInteractions'>;
  weight: Float32Array;
  /** The part that each row's type puts it in: see split-parts.ts. Only where types are held out. */
  part?: Uint8Array;
  /** Rows that do not count, of the types that make an item seen, and those that are too old to weigh anything. */
  uncounted?: RowColumns;
}

/** Interaction types that are held out, whatever the weighting says of types that it does not name. */
export interface HeldOutTypes {
  test: string;
  validation?: string;
}

/** Weight of a row; null leaves it out. */
export type Weigher = (type: string, value: number | null) => number | null;

export interface ReadOptions {
  heldOut?: HeldOutTypes | undefined;
  weigh?: Weigher | undefined;
  /** Types whose rows make an item seen where they do not count; left out, rows that do not count are forgotten. */
  seenTypes?: ((type: string) => boolean) | undefined;
}

/** Reads the source once and weighs each row. Ageing comes last, when the newest time is known. */
export async function readColumns(
  source: InteractionSource,
  weighting: Weighting,
  rowFilter: RowFilter,
  { heldOut, weigh = weigherOf(weighting, heldOut), seenTypes = () => false }: ReadOptions = {},
): Promise<WeighedColumns> {
  const types = await source.dictionary('types');
  if (heldOut) refuseUnknownTypes(heldOut, types);
  const counted = createRows();
  const uncounted = createRows();
  let weight = new Float32Array(counted.capacity());
  let part = heldOut && new Uint8Array(counted.capacity());
  const leftOut = { weighting: 0, time: 0, sample: 0 };
  let newest = 0;
  let stored = 0;

  for await (const chunk of source.interactions()) {
    const capacity = counted.reserve(chunk.length);
    if (capacity > weight.length) {
      weight = grown(weight, new Float32Array(capacity));
      part = part && grown(part, new Uint8Array(capacity));
    }
    for (let i = 0; i < chunk.length; i++) {
      const arrival = stored++;
      const reason = rowFilter(chunk, i);
      const value = chunk.value[i]!;
      const type = types.get(chunk.typeKey[i]!) ?? '';
      const w = reason === null ? weigh(type, Number.isNaN(value) ? null : value) : null;
      if (w === null) {
        leftOut[reason ?? 'weighting']++;
        // Nobody and nothing outside a sample is in the data set.
        if (reason !== 'sample' && seenTypes(type)) uncounted.add(chunk, i, arrival);
        continue;
      }
      const at = counted.add(chunk, i, arrival);
      weight[at] = w;
      if (part) part[at] = partOf(type, heldOut!);
      if (chunk.timestamp[i]! > newest) newest = chunk.timestamp[i]!;
    }
  }
  const columns = { ...counted.columns(), leftOut, weight, part };
  const halfLife = weighting.halfLifeDays;
  const kept = halfLife === null ? columns : aged(columns, newest, halfLife, uncounted);
  return { ...kept, uncounted: uncounted.columns() };
}

/** Returns the weigher of single interactions. Their age counts later, once the newest one is known. */
function weigherOf(weighting: Weighting, heldOut: HeldOutTypes | undefined): Weigher {
  const ageless: Weighting = { ...countingHeldOut(weighting, heldOut), halfLifeDays: null };
  return (type, value) => {
    const weight = interactionWeight(ageless, type, value, null, 0);
    return weight > 0 ? weight : null;
  };
}

/** Lowers each weight by its age, in place, and leaves out pairs that are so old that they weigh nothing as float32. */
function aged(
  columns: WeighedColumns,
  newest: number,
  halfLifeDays: number,
  uncounted: ReturnType<typeof createRows>,
): WeighedColumns {
  const rule: Weighting = { types: {}, otherTypes: 1, halfLifeDays };
  const { userKey, itemKey, weight, timestamp, arrival, part } = columns;
  let length = 0;
  for (let i = 0; i < columns.length; i++) {
    const time = timestamp[i]!;
    weight[length] = weight[i]! * interactionWeight(rule, '', null, Number.isNaN(time) ? null : time, newest);
    if (weight[length] === 0) {
      uncounted.add(columns, i, arrival[i]!);
      continue;
    }
    userKey[length] = userKey[i]!;
    itemKey[length] = itemKey[i]!;
    arrival[length] = arrival[i]!;
    if (part) part[length] = part[i]!;
    timestamp[length++] = time;
  }
  const { leftOut } = columns;
  const tooOld = columns.length - length;
  return { ...columns, length, leftOut: { ...leftOut, weighting: leftOut.weighting + tooOld } };
}

/** A held-out type that is not named counts 1; what is named keeps its rule. */
function countingHeldOut(weighting: Weighting, heldOut: HeldOutTypes | undefined): Weighting {
  if (!heldOut) return weighting;
  const types = { ...weighting.types };
  for (const type of [heldOut.validation, heldOut.test])
    if (type !== undefined && !Object.hasOwn(types, type)) types[type] = { weight: 1 };
  return { ...weighting, types };
}

function partOf(type: string, { test, validation }: HeldOutTypes): number {
  return type === test ? TEST : type === validation ? VALIDATION : TRAIN;
}

function refuseUnknownTypes({ test, validation }: HeldOutTypes, types: Map<number, string>): void {
  const known = [...types.values()];
  for (const [field, type] of Object.entries({ test, validation })) {
    if (type === undefined || known.includes(type)) continue;
    throw problem(
      'not-enough-data',
      `dataset.split.${field} names the type ${type}, which no interaction has; there are: ${known.join(', ')}`,
    );
  }
}

function grown<T extends Uint8Array | Int32Array | Float32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
