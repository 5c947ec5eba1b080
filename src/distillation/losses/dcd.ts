import { rowLength } from '../../dataset/matrix.ts';
import { valueAt } from '../../domain/base/scheduled.ts';
import type { SettingsOf } from '../../domain/losses/loss-spec.ts';
import { WINDOW } from '../../domain/losses/window.ts';
import type { Scalar } from '../../tensor/engine.ts';
import type { Step } from '../lists/step.ts';
import { append, type BatchLists, emptyLists, listsOf, placesInUse } from './batch-lists.ts';
import { type Chances, drawByChance } from './chances.ts';
import { itemSideOf, userLists, usersRankingLoss } from './item-side.ts';
import { rankingLoss } from './ranking-loss.ts';
import type { StudentView } from './student-view.ts';
import { bySide, type LossTerm, NOTHING_TO_DISPOSE, type TermSetup } from './term.ts';

/**
 * Dual correction (DCD: Lee & Kim, CIKM 2021): what the student ranks lower than the teacher must rise above what it ranks
 * higher, by the likelihood of ranking distillation. What is corrected is drawn by how far the student is off:
 * tanh(max(rank difference, 0) / T). The user side corrects rankings of items, the item side rankings of users.
 *
 * Theirs knows the teacher's rank of everything; here an item beyond the teacher's first 500 counts as ranked just behind them.
 * Theirs ranks all users for an item, once an epoch; here the users of the batch are ranked, at each step. Theirs is added to
 * plain ranking distillation, which is the loss rrd here.
 */
export const dcd: LossTerm<'dcd'> = {
  term(settings, setup) {
    const outputs = setup.teacher!.lists('hidden');
    return {
      prepare(step) {
        const lists = listsOf(outputs, step.users, outputs.k);
        const withoutTensors = (value: (student: StudentView) => Scalar) => () => ({
          value,
          dispose: NOTHING_TO_DISPOSE,
        });
        return bySide(
          settings.side,
          {
            users: withoutTensors((student) => correctedItems(settings, setup, step, lists, student)),
            items: withoutTensors((student) => correctedUsers(settings, setup, step, lists, student)),
          },
          setup.engine,
        );
      },
    };
  },
};

function correctedItems(
  { top, samples, temperature }: SettingsOf<'dcd'>,
  { engine, items, rng }: TermSetup,
  { users, hidden, progress }: Step,
  lists: BatchLists,
  view: StudentView,
): Scalar {
  const { tf } = engine;
  const window = Math.min(WINDOW, items);
  const best = engine.topK(view.unseenLogits(), window).indices.dataSync() as Int32Array;
  const above = emptyLists(users.length, top);
  const below = emptyLists(users.length, samples);
  for (let row = 0; row < users.length; row++) {
    const left = items - rowLength(hidden, row);
    const student = best.subarray(row * window, row * window + Math.min(window, left));
    const teacher = lists.ids.subarray(row * lists.width, row * lists.width + lists.lengths[row]!);
    const { under, over } = discrepancies(student, teacher, valueAt(temperature, progress));
    for (const item of drawByChance(under, top, rng)) append(above, row, item);
    for (const item of drawByChance(over, samples, rng)) append(below, row, item);
  }
  const use = (part: BatchLists) => tf.tensor2d(placesInUse(part), [users.length, part.width]);
  return rankingLoss(engine, view.scoresAt(above.ids), use(above), view.scoresAt(below.ids), use(below));
}

function correctedUsers(
  { top, samples, temperature }: SettingsOf<'dcd'>,
  { engine, rng }: TermSetup,
  { hidden, progress }: Step,
  lists: BatchLists,
  view: StudentView,
): Scalar {
  const { items, listed, others } = itemSideOf(lists, top, hidden, rng);
  const scores = items.length > 0 ? view.scoresOf(items).dataSync() : new Float32Array(0);
  const drawn = listed.map((teacher, m) => {
    const scoreOf = (user: number) => scores[user * items.length + m]!;
    const student = Int32Array.of(...teacher, ...others[m]!).sort((a, b) => scoreOf(b) - scoreOf(a) || a - b);
    const { under, over } = discrepancies(student, teacher, valueAt(temperature, progress));
    return { above: drawByChance(under, top, rng), below: drawByChance(over, samples, rng) };
  });
  return usersRankingLoss(
    engine,
    view,
    items,
    userLists(
      drawn.map(({ above }) => above),
      top,
    ),
    userLists(
      drawn.map(({ below }) => below),
      samples,
    ),
  );
}

/**
 * Finds the items that the student ranks too low (under) and too high (over), with their chances to be drawn.
 *
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
