import { problem } from '../core/errors.ts';
import type { EventMeaning } from '../domain/data/event-meaning.ts';
import type { InteractionSource } from '../domain/data/interaction-source.ts';
import type { Weighting } from '../domain/data/weighting.ts';
import { denseIdsOf, hashOfPairs, unlistedOf } from './build.ts';
import { type HeldOutTypes, joined, readColumns, type WeighedColumns } from './columns.ts';
import { createRowFilter, type DataFilter } from './filter.ts';
import { toPairs } from './pairs.ts';
import type { SeenPairs, Unlisted } from './seen.ts';
import type { Pairs } from './split/split-parts.ts';

export interface TaskTypes {
  name: string;
  types: readonly string[];
  heldOut?: HeldOutTypes;
}

/** The pairs of each task over one set of users and items. */
export interface TaskDataset {
  users: string[];
  items: string[];
  /** The pairs of each task, [users, items], in the order of the tasks. */
  tasks: (Pairs & Unlisted & { name: string; seen: SeenPairs })[];
  /** Behaviours that count and that no task predicts; null where there are none. */
  context: Pairs | null;
  /** SHA-256 of all of it. */
  hash: string;
}

/**
 * @param source one snapshot, read once per task
 * @param weighting what each behaviour counts, of the tasks' and of others that speak for the taste too
 * @throws problem('not-enough-data') for a task without any pair
 */
export async function buildTaskDataset(
  source: InteractionSource,
  weighting: Weighting,
  tasks: readonly TaskTypes[],
  filter: DataFilter = {},
): Promise<TaskDataset> {
  const names = { users: await source.dictionary('users'), items: await source.dictionary('items') };
  const rowFilter = createRowFilter(filter, names.users, names.items);
  const known = new Set((await source.dictionary('types')).values());
  const parts = [...tasks, ...contextOf(weighting, tasks)];
  const { disliked } = await readColumns(source, weighting, rowFilter, { seenTypes: () => false });
  const columns: WeighedColumns[] = [];
  for (const { name, types, heldOut } of parts) {
    // Serving asks of each task for its own types alone what makes an item seen; no list leaves out what is mere context.
    const seenTypes = (type: string) => name !== '' && types.includes(type);
    const own = await readColumns(source, only(weighting, types), rowFilter, { heldOut, seenTypes });
    // No list shows what a user dislikes, whichever task's types say so.
    columns.push({ ...own, disliked, uncounted: joined(own.uncounted, disliked) });
  }
  const { users, items } = denseIdsOf(columns, names);
  const pairs = columns.map((own) => toPairs(own, users, items));
  const beside = tasks.map((_, i) => unlistedOf(columns[i]!, { users, items }, pairs[i]!));
  tasks.forEach((task, i) => void refuseEmpty(task, pairs[i]!.matrix.indices.length, known));
  const ids = { users: users.ids, items: items.ids };
  const hash = pairs.map((own, i) => hashOfPairs({ ...own, ...beside[i] })).join('');
  return {
    ...ids,
    tasks: tasks.map(({ name }, i) => ({ name, ...pairs[i]!, ...beside[i]! })),
    context: pairs[tasks.length] ?? null,
    hash: hashOfPairs({ ...pairs[0]!, users: [hash], items: [] }),
  };
}

function contextOf(weighting: Weighting, tasks: readonly TaskTypes[]): TaskTypes[] {
  const taken = new Set(
    tasks.flatMap(({ types, heldOut }) => [...types, heldOut?.test ?? '', heldOut?.validation ?? '']),
  );
  const counting = Object.entries(weighting.events ?? weighting.types).filter(([, { weight }]) => weight > 0);
  const rest = counting.map(([type]) => type).filter((type) => !taken.has(type));
  return rest.length > 0 ? [{ name: '', types: rest }] : [];
}

/** The weighting with no liking but of these types; disliking, and what takes something back, stays what it is. */
function only({ types, events, halfLifeDays }: Weighting, names: readonly string[]): Weighting {
  const isOwn = ([type]: [string, unknown]) => names.includes(type);
  const silent = (meaning: EventMeaning) =>
    meaning.meaning === 'positive' ? { ...meaning, weight: 0 } : meaning;
  return {
    types: Object.fromEntries(Object.entries(types).filter(isOwn)),
    otherTypes: 0,
    ...(events && {
      events: Object.fromEntries(
        Object.entries(events).map((entry) => [entry[0], isOwn(entry) ? entry[1] : silent(entry[1])]),
      ),
    }),
    halfLifeDays,
  };
}

function refuseEmpty({ name, types }: TaskTypes, pairs: number, known: ReadonlySet<string>): void {
  if (pairs > 0) return;
  throw problem(
    'not-enough-data',
    `tasks: ${name} predicts ${types.join(', ')}, of which no interaction counts; there are the types ${[...known].sort().join(', ')}`,
  );
}
