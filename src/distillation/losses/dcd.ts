import type { Rng } from '../../core/rng.ts';
import { rowLength } from '../../dataset/matrix.ts';
import { valueAt } from '../../domain/base/scheduled.ts';
import { WINDOW } from '../../domain/losses/window.ts';
import { append, type BatchLists, emptyLists, listsOf, placesInUse } from './batch-lists.ts';
import { rankingLoss } from './rrd.ts';
import { type LossTerm, NOTHING_TO_DISPOSE } from './term.ts';

/**
 * Dual correction (DCD: Lee & Kim, CIKM 2021, section 3.2): what the student ranks lower than the teacher must rise above
 * what it ranks higher, by the likelihood of ranking distillation. Items are drawn by how far the student is off:
 * tanh(max(rank difference, 0) / T).
 */
export const dcd: LossTerm<'dcd'> = {
  term(settings, { engine, items, teacher, rng }) {
    const { tf } = engine;
    const outputs = teacher!.lists('hidden');
    return {
      prepare({ users, hidden, progress }) {
        const lists = listsOf(outputs, users, outputs.k);
        const temperature = valueAt(settings.temperature, progress);
        return {
          value(student) {
            const window = Math.min(WINDOW, items);
            const best = engine.topK(student.unseenLogits(), window).indices.dataSync() as Int32Array;
            const above = emptyLists(users.length, settings.top);
            const below = emptyLists(users.length, settings.samples);
            for (let row = 0; row < users.length; row++) {
              const left = items - rowLength(hidden, row);
              const student = best.subarray(row * window, row * window + Math.min(window, left));
              const teacher = lists.ids.subarray(row * lists.width, row * lists.width + lists.lengths[row]!);
              const { under, over } = discrepancies(student, teacher, temperature);
              fill(above, row, drawByChance(under, settings.top, rng));
              fill(below, row, drawByChance(over, settings.samples, rng));
            }
            const use = (part: BatchLists) => tf.tensor2d(placesInUse(part), [users.length, part.width]);
            return rankingLoss(
              engine,
              student.scoresAt(above.ids),
              use(above),
              student.scoresAt(below.ids),
              use(below),
            );
          },
          dispose: NOTHING_TO_DISPOSE,
        };
      },
    };
  },
};

export interface Chances {
  /** The items that are corrected, in the teacher's order where it has one. */
  items: Int32Array;
  /** tanh of how many ranks the student is off, by the temperature; all above 0. */
  chances: Float64Array;
}

/**
 * @param student, teacher the best items of each in order; an item that one of them does not list counts as ranked just
 *   behind its list
 */
export function discrepancies(
  student: Int32Array,
  teacher: Int32Array,
  temperature: number,
): { under: Chances; over: Chances } {
  const studentRank = new Map(Array.from(student, (item, rank) => [item, rank]));
  const teacherRank = new Map(Array.from(teacher, (item, rank) => [item, rank]));
  const pick = (items: Int32Array, off: (item: number, rank: number) => number): Chances => {
    const found = Array.from(items, (item, rank) => [item, off(item, rank)] as const).filter(
      ([, d]) => d > 0,
    );
    return {
      items: Int32Array.from(found, ([item]) => item),
      chances: Float64Array.from(found, ([, d]) => Math.tanh(d / temperature)),
    };
  };
  return {
    under: pick(teacher, (item, rank) => (studentRank.get(item) ?? student.length) - rank),
    over: pick(student, (item, rank) => (teacherRank.get(item) ?? teacher.length) - rank),
  };
}

/** `count` items without repeats by their chances, in the order in which they were given (Efraimidis & Spirakis 2006). */
export function drawByChance({ items, chances }: Chances, count: number, rng: Rng): Int32Array {
  const keys = Float64Array.from(chances, (chance) => Math.log(1 - rng.next()) / chance);
  const places = Int32Array.from(items, (_, i) => i)
    .sort((a, b) => keys[b]! - keys[a]!)
    .subarray(0, count)
    .sort();
  return places.map((place) => items[place]!);
}

function fill(lists: BatchLists, row: number, items: Int32Array): void {
  for (const item of items) append(lists, row, item);
}
