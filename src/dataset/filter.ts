import { drawOf } from '../core/rng.ts';
import type { EventContext } from '../domain/data/interaction.ts';
import type { InteractionColumns } from '../domain/data/interaction-source.ts';

/** Which interactions are trained on, besides what the weighting leaves out. */
export interface DataFilter {
  /** Milliseconds. What has no time is left out by either. */
  since?: number;
  /** Milliseconds, not included. */
  until?: number;
  /** Values of each field of the context of which an interaction must have one; what has no such field is left out. */
  context?: Readonly<Record<string, readonly EventContext[string][]>>;
  sample?: { users?: number; items?: number; seed: number };
  minInteractions?: { perUser?: number; perItem?: number };
}

/** Rows that were left out, by the reason. */
export interface LeftOut {
  weighting: number;
  time: number;
  context: number;
  sample: number;
  /** Pairs, where the others are interactions. */
  minInteractions: number;
}

type Names = Map<number, string>;

/** Why a row of the columns does not count, or null when it does. */
export interface RowFilter {
  (columns: InteractionColumns, row: number): 'time' | 'context' | 'sample' | null;
  /** True if the columns must have the context. */
  readsContext: boolean;
}

export function createRowFilter(filter: DataFilter, users: Names, items: Names): RowFilter {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, sample, context } = filter;
  const anyTime = filter.since === undefined && filter.until === undefined;
  const drawnUsers = sample && drawByName(users, sample.users, 'user', sample.seed);
  const drawnItems = sample && drawByName(items, sample.items, 'item', sample.seed);
  const fits = context && contextTest(context);
  const reasonOf = (
    columns: InteractionColumns,
    row: number,
  ): keyof Omit<LeftOut, 'weighting' | 'minInteractions'> | null => {
    const { userKey, itemKey, timestamp } = columns;
    const time = timestamp[row]!;
    if (!anyTime && !(time >= since && time < until)) return 'time';
    if (fits && !fits(columns.context![row]!)) return 'context';
    if (drawnUsers && drawnUsers[userKey[row]!] !== 1) return 'sample';
    if (drawnItems && drawnItems[itemKey[row]!] !== 1) return 'sample';
    return null;
  };
  return Object.assign(reasonOf, { readsContext: context !== undefined });
}

/** Contexts that are remembered, as there are few in most data. */
const MOST_REMEMBERED = 100_000;

function contextTest(wanted: NonNullable<DataFilter['context']>): (context: string | null) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    if (text === null) return false;
    const found = known.get(text);
    if (found !== undefined) return found;
    const context: EventContext = JSON.parse(text);
    // hasOwn: a field may be called `constructor`.
    const isFit = Object.entries(wanted).every(
      ([field, values]) => Object.hasOwn(context, field) && values.includes(context[field]!),
    );
    if (known.size < MOST_REMEMBERED) known.set(text, isFit);
    return isFit;
  };
}

/** 1 for each key whose name is drawn. */
function drawByName(
  names: Names,
  share: number | undefined,
  kind: 'user' | 'item',
  seed: number,
): Uint8Array | undefined {
  if (share === undefined || share === 1) return undefined;
  let last = 0;
  for (const key of names.keys()) if (key > last) last = key;
  const drawn = new Uint8Array(last + 1);
  // The kind is part of the name: a user and an item of the same id have nothing to do with each other.
  for (const [key, name] of names) if (drawOf(`${kind}:${name}`, seed) < share) drawn[key] = 1;
  return drawn;
}
