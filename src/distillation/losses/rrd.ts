import type { Rng } from '../../core/rng.ts';
import { type Csr, rowItems } from '../../dataset/matrix.ts';
import type { SettingsOf } from '../../domain/losses/loss-spec.ts';
import type { Scalar } from '../../tensor/engine.ts';
import type { Step } from '../lists/step.ts';
import { append, type BatchLists, emptyLists, listsOf, placesInUse } from './batch-lists.ts';
import { itemSideOf, userLists, usersRankingLoss } from './item-side.ts';
import { rankingLoss } from './ranking-loss.ts';
import { bySide, type LossTerm, NOTHING_TO_DISPOSE, type PreparedTerm, type TermSetup } from './term.ts';

/**
 * Relaxed ranking distillation (RRD of DE-RRD: Kang et al., CIKM 2020, section 4.2), which ranks items for users, and its item
 * side (IR-RRD: Kang et al., Information Sciences 2021), which ranks users for items. Theirs draws the K items of a list from a
 * longer one, the first ranks most often; here they are its first K.
 *
 * On the item side theirs ranks all users; here the users of the batch are ranked, by their place in the teacher's lists: those
 * who have the item on their list by its score, above a sample of those who have not.
 */
export const rrd: LossTerm<'rrd'> = {
  term(settings, setup) {
    const outputs = setup.teacher!.lists(settings.ownItems);
    return {
      prepare(step) {
        const lists = listsOf(outputs, step.users, settings.top);
        return bySide(
          settings.side,
          {
            users: () => rankedItems(settings, setup, step, lists),
            items: () => rankedUsers(settings, setup, step, lists),
          },
          setup.engine,
        );
      },
    };
  },
};

function rankedItems(
  { samples }: SettingsOf<'rrd'>,
  { engine, items, rng }: TermSetup,
  { hidden }: Step,
  lists: BatchLists,
): PreparedTerm {
  const { tf } = engine;
  const batch = lists.lengths.length;
  const others = sampleOthers(lists, hidden, items, samples, rng);
  const used = tf.tensor2d(placesInUse(lists), [batch, lists.width]);
  const othersUsed = tf.tensor2d(placesInUse(others), [batch, others.width]);
  return {
    value: (student) =>
      rankingLoss(engine, student.scoresAt(lists.ids), used, student.scoresAt(others.ids), othersUsed),
    dispose: () => tf.dispose([used, othersUsed]),
  };
}

function rankedUsers(
  { top, samples, ownItems }: SettingsOf<'rrd'>,
  { engine, rng }: TermSetup,
  { hidden }: Step,
  lists: BatchLists,
): PreparedTerm {
  const { items, listed, others } = itemSideOf(lists, top, ownItems === 'hidden' ? hidden : undefined, rng);
  const above = userLists(listed, top);
  const below = userLists(
    others.map((users) => rng.shuffle(users)),
    samples,
  );
  return {
    value: (student): Scalar => usersRankingLoss(engine, student, items, above, below),
    dispose: NOTHING_TO_DISPOSE,
  };
}

/** Draws items for each user that are neither listed nor hidden, without repeats; they are fewer where few are left. */
export function sampleOthers(
  lists: BatchLists,
  hidden: Csr,
  items: number,
  width: number,
  rng: Rng,
): BatchLists {
  const batch = lists.lengths.length;
  const others = emptyLists(batch, width);
  for (let row = 0; row < batch; row++) {
    const taken = new Set<number>(rowItems(hidden, row));
    for (let rank = 0; rank < lists.lengths[row]!; rank++) taken.add(lists.ids[row * lists.width + rank]!);
    const left = items - taken.size;
    // Drawing until it is new takes long when almost all is taken: then fewer will do.
    const wanted = Math.min(width, left);
    for (let tries = 0; others.lengths[row]! < wanted && tries < 20 * width; tries++) {
      const item = rng.int(items);
      if (taken.has(item)) continue;
      taken.add(item);
      append(others, row, item);
    }
  }
  return others;
}
