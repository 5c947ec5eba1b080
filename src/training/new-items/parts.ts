import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { createRng, drawOf } from '../../core/rng.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import type { Described } from '../../features/values.ts';
import { createStudentScorer } from '../../scoring/student-scorer.ts';
import type { Part } from './choose-map.ts';
import { hideItems } from './hidden-items.ts';
import { type Machine, trainSmallModel } from './small-model.ts';

/** Share of the items that are hidden at a time, and how many at most. */
const HIDDEN = 0.1;
const MOST_HIDDEN = 2000;
/** Below so many items several parts are hidden one after the other: one alone would say too little. */
const ENOUGH_ITEMS = 5000;
const PARTS = 3;
/** Below these validation tells nothing. */
export const FEWEST_HIDDEN = 10;
export const FEWEST_USERS = 50;
/** Share of the users whom a small model does not learn from, and how many at most. */
const ASKED = 0.3;
const MOST_ASKED = 2000;

export interface PartsData {
  /** [users, items] that the student was taught on. */
  histories: Csr;
  /** [users, items] further pairs that lists leave out, such as low ratings. */
  listless?: Csr | undefined;
  items: readonly string[];
  seed: number;
}

/** Hides a tenth of the described items at a time from the lists of a student that knows them. */
export function hideParts(
  weights: StudentWeights,
  { items, seed, ...pairs }: PartsData,
  described: readonly (Described | null)[],
): Part[] {
  const scorer = createStudentScorer(weights);
  const rng = createRng(seed).fork('new-items');
  const part = Math.min(HIDDEN, MOST_HIDDEN / items.length);
  const draws = Float64Array.from(items, (id) => drawOf(`new:${id}`, seed));
  const parts = items.length < ENOUGH_ITEMS ? PARTS : 1;
  return Array.from({ length: parts }, (_, i) => {
    const isHidden = (item: number) =>
      Math.floor(draws[item]! / part) === i && described[item] !== null && weights.popularity[item]! > 0;
    const rows = Int32Array.from(items, (_, item) => item).filter(isHidden);
    return { weights, hidden: hideItems(scorer, weights, pairs, rows, { rng: rng.fork(String(i)) }) };
  }).filter(({ hidden }) => hidden.items.length > 0 && hidden.users.length > 0);
}

/** Hides the same items from small students, each of which knows neither these nor the users who are asked. */
export async function hideFromSmall(
  parts: readonly Part[],
  { histories, listless, seed }: PartsData,
  machine: Machine,
): Promise<Part[]> {
  const small: Part[] = [];
  for (const [i, { hidden }] of parts.entries()) {
    const rng = createRng(seed).fork(`new-items-small-${i}`);
    const users = rng.shuffle(Int32Array.from({ length: histories.rows }, (_, row) => row));
    const asked = users.subarray(0, Math.min(MOST_ASKED, Math.ceil(ASKED * users.length)));
    const { items } = hidden;
    const learned = selectRows(histories, users.subarray(asked.length));
    const weights = await trainSmallModel(machine, learned, items, rng);
    const pairs = {
      histories: selectRows(histories, asked),
      ...(listless && { listless: selectRows(listless, asked) }),
    };
    const scorer = createStudentScorer(weights);
    small.push({ weights, hidden: hideItems(scorer, weights, pairs, items, { rng, unknown: true }) });
  }
  return small.filter(({ hidden }) => hidden.users.length > 0);
}

export function countsOf(parts: readonly Part[]): { items: number; users: number } {
  const sum = (of: 'items' | 'users') => parts.reduce((all, { hidden }) => all + hidden[of].length, 0);
  return { items: sum('items'), users: sum('users') };
}

/** Says whether enough is hidden for a choice. */
export function enough(parts: readonly Part[]): boolean {
  const { items, users } = countsOf(parts);
  return items >= FEWEST_HIDDEN && users >= FEWEST_USERS;
}
