import { drawOf } from '../core/rng.ts';
import type { InteractionColumns } from '../domain/data/interaction-source.ts';

/** Which interactions are trained on, besides what the weighting leaves out. */
export interface DataFilter {
  /** Milliseconds. What has no time is left out by either. */
  since?: number;
  /** Milliseconds, not included. */
  until?: number;
  sample?: { users?: number; items?: number; seed: number };
  minInteractions?: { perUser?: number; perItem?: number };
}

/** Rows that were left out, by the reason. */
export interface LeftOut {
  weighting: number;
  time: number;
  sample: number;
  /** Pairs, where the others are interactions. */
  minInteractions: number;
}

type Names = Map<number, string>;

/** Why a row of the columns does not count, or null when it does. */
export type RowFilter = (columns: InteractionColumns, row: number) => 'time' | 'sample' | null;

export function createRowFilter(filter: DataFilter, users: Names, items: Names): RowFilter {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, sample } = filter;
  const anyTime = filter.since === undefined && filter.until === undefined;
  const drawnUsers = sample && drawByName(users, sample.users, 'user', sample.seed);
  const drawnItems = sample && drawByName(items, sample.items, 'item', sample.seed);
  return ({ userKey, itemKey, timestamp }, row) => {
    const time = timestamp[row]!;
    if (!anyTime && !(time >= since && time < until)) return 'time';
    if (drawnUsers && drawnUsers[userKey[row]!] !== 1) return 'sample';
    if (drawnItems && drawnItems[itemKey[row]!] !== 1) return 'sample';
    return null;
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
