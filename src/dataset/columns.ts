import { problem } from '../core/errors.ts';
import type { EventMeaning } from '../domain/data/event-meaning.ts';
import type { InteractionColumns, InteractionSource } from '../domain/data/interaction-source.ts';
import { meaningIn, type Weighting, withRule } from '../domain/data/weighting.ts';
import type { LeftOut, RowFilter } from './filter.ts';
import { type DislikedRows, judgeRows, type SaidRows, type WeighedRows } from './judged-rows.ts';
import { createRows, type RowColumns } from './row-columns.ts';
import { TEST, TRAIN, VALIDATION } from './split/split-parts.ts';

/** Everything that counts, in columns. */
export interface WeighedColumns extends WeighedRows {
  /** Under `weighting`: those that are no part of what is liked, by their type, their value, a newer word or their age. */
  leftOut: Omit<LeftOut, 'minInteractions'>;
  /** Rows that do not count, of the types that make an item seen, and those that are too old to weigh anything. */
  uncounted: RowColumns;
  /** One row of each pair that is disliked. */
  disliked: DislikedRows;
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
  /** Weighs each row for itself, instead of what all of a pair come to. */
  weigh?: Weigher | undefined;
  /** Types whose rows make an item seen where they do not count; left out, rows that do not count are forgotten. */
  seenTypes?: ((type: string) => boolean) | undefined;
}

/** Reads the source once, and says of every user and item what all that was said comes to. */
export async function readColumns(
  source: InteractionSource,
  weighting: Weighting,
  rowFilter: RowFilter,
  { heldOut, weigh, seenTypes = () => false }: ReadOptions = {},
): Promise<WeighedColumns> {
  const types = await source.dictionary('types');
  if (heldOut) refuseUnknownTypes(heldOut, types);
  const leftOut = { weighting: 0, time: 0, context: 0, sample: 0 };
  const meanings = new Map<number, EventMeaning | null>();
  for (const [key, type] of types) meanings.set(key, meaningOf(weighting, type, heldOut));
  const isSeen = (key: number) => seenTypes(types.get(key) ?? '');
  const outside = createRows();
  const said = createSaidRows();
  let weight = new Float32Array(0);
  let stored = 0;

  for await (const chunk of source.interactions({ withContext: rowFilter.readsContext })) {
    const capacity = said.reserve(chunk.length);
    if (weigh && capacity > weight.length) weight = grown(weight, new Float32Array(capacity));
    for (let i = 0; i < chunk.length; i++) {
      const arrival = stored++;
      const reason = rowFilter(chunk, i);
      const key = chunk.typeKey[i]!;
      if (reason !== null) {
        leftOut[reason]++;
        // Nobody and nothing outside a sample is in the data set.
        if (reason !== 'sample' && isSeen(key) && meanings.get(key)?.seen) outside.add(chunk, i, arrival);
        continue;
      }
      const own = weigh?.(types.get(key) ?? '', orNull(chunk.value[i]!));
      if (weigh ? own === null : meanings.get(key) == null) {
        leftOut.weighting++;
        if (weigh && isSeen(key)) outside.add(chunk, i, arrival);
        continue;
      }
      const at = said.add(chunk, i, arrival);
      if (weigh) weight[at] = own!;
    }
  }
  if (weigh) {
    const nothing = { ...createRows().columns(), weight: new Float32Array(0), moves: new Float32Array(0) };
    return { ...said.columns(), weight, leftOut, uncounted: outside.columns(), disliked: nothing };
  }
  const judged = judgeRows(said.columns(), {
    meaningOf: (key) => meanings.get(key)!,
    halfLifeDays: weighting.halfLifeDays,
    isSeen,
    partOf: heldOut && ((key) => partOf(types.get(key) ?? '', heldOut)),
  });
  return {
    ...judged.counted,
    leftOut: { ...leftOut, weighting: leftOut.weighting + judged.notLiked },
    uncounted: joined(judged.uncounted, outside.columns()),
    disliked: judged.disliked,
  };
}

/** Meaning of a type for the job; a held-out type that does not count elsewhere counts 1, and what is named keeps its rule. */
function meaningOf(
  weighting: Weighting,
  type: string,
  heldOut: HeldOutTypes | undefined,
): EventMeaning | null {
  const meant = meaningIn(weighting, type);
  const isHeldOut = heldOut !== undefined && (type === heldOut.test || type === heldOut.validation);
  const isNamed = Object.hasOwn(weighting.types, type);
  return isHeldOut && !isNamed && !(meant && meant.weight > 0) ? withRule(type, { weight: 1 }, meant) : meant;
}

function createSaidRows() {
  const rows = createRows();
  let typeKey = new Int32Array(rows.capacity());
  let value = new Float64Array(rows.capacity());
  return {
    reserve(more: number): number {
      const capacity = rows.reserve(more);
      if (capacity > typeKey.length) {
        typeKey = grown(typeKey, new Int32Array(capacity));
        value = grown(value, new Float64Array(capacity));
      }
      return capacity;
    },
    add(chunk: InteractionColumns, row: number, place: number): number {
      const at = rows.add(chunk, row, place);
      typeKey[at] = chunk.typeKey[row]!;
      value[at] = chunk.value[row]!;
      return at;
    },
    columns: (): SaidRows => ({ ...rows.columns(), typeKey, value }),
  };
}

export function joined(a: RowColumns, b: RowColumns): RowColumns {
  if (b.length === 0) return a;
  const rows = createRows();
  rows.reserve(a.length + b.length);
  for (const part of [a, b]) for (let i = 0; i < part.length; i++) rows.add(part, i, part.arrival[i]!);
  return rows.columns();
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

const orNull = (number: number) => (Number.isNaN(number) ? null : number);

function grown<T extends Int32Array | Float32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
