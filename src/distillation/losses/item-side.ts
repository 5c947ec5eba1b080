import type { Rng } from '../../core/rng.ts';
import { type Csr, rowItems } from '../../dataset/matrix.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { append, type BatchLists, emptyLists, placesInUse } from './batch-lists.ts';
import { rankingLoss } from './ranking-loss.ts';
import type { StudentView } from './student-view.ts';

/** Items of a batch with its users in the order of the teacher; users are named by their row in the batch. */
export interface ItemSide {
  /** [M] distinct items. */
  items: Int32Array;
  /** M lists of the users who have the item on their own list, by the teacher's score, best first. */
  listed: Int32Array[];
  /** M lists of the users who could be recommended the item and do not have it on their list, in the order of the batch. */
  others: Int32Array[];
}

/**
 * Turns the teacher's lists for the users of a batch into its rankings of these users for some items: at most as many items as
 * there are users, drawn from those among the first `top` places of a list. Users of whom the teacher has no list stand nowhere.
 * @param lists of the batch's users
 * @param excluded [B, N] items that are not recommended to a user, who is in neither list of such an item
 */
export function itemSideOf(lists: BatchLists, top: number, excluded: Csr | undefined, rng: Rng): ItemSide {
  const batch = lists.lengths.length;
  const items = drawItems(lists, top, batch, rng);
  const place = new Map(Array.from(items, (item, m) => [item, m]));
  const scores = Array.from(items, () => new Float64Array(batch).fill(Number.NaN));
  const isOut = Array.from(items, () => new Uint8Array(batch));
  for (let user = 0; user < batch; user++) {
    for (let at = user * lists.width; at < user * lists.width + lists.lengths[user]!; at++) {
      const m = place.get(lists.ids[at]!);
      if (m !== undefined) scores[m]![user] = lists.scores[at]!;
    }
    for (const item of excluded ? rowItems(excluded, user) : []) {
      const m = place.get(item);
      if (m !== undefined) isOut[m]![user] = 1;
    }
  }
  const usersWhere = (m: number, isListed: boolean) =>
    Int32Array.from({ length: batch }, (_, user) => user).filter(
      (user) =>
        lists.lengths[user]! > 0 && isOut[m]![user] === 0 && !Number.isNaN(scores[m]![user]!) === isListed,
    );
  return {
    items,
    listed: scores.map((of, m) => usersWhere(m, true).sort((a, b) => of[b]! - of[a]! || a - b)),
    others: scores.map((_, m) => usersWhere(m, false)),
  };
}

function drawItems({ width, ids, lengths }: BatchLists, top: number, most: number, rng: Rng): Int32Array {
  const found = new Set<number>();
  lengths.forEach((length, row) => {
    for (let rank = 0; rank < Math.min(top, length); rank++) found.add(ids[row * width + rank]!);
  });
  return rng.shuffle(Int32Array.from(found)).slice(0, most);
}

/** Users by item, padded to one width. */
export function userLists(users: readonly Int32Array[], width: number): BatchLists {
  const lists = emptyLists(users.length, width);
  users.forEach((of, m) => {
    for (const user of of.subarray(0, width)) append(lists, m, user);
  });
  return lists;
}

/**
 * The likelihood that the student's scores of an item put the users of `above` in this order and all of `below` under them,
 * mean over the items (rankingLoss, with users in the place of items).
 * @param above, below users of each item, M lists
 */
export function usersRankingLoss(
  engine: Engine,
  student: StudentView,
  items: Int32Array,
  above: BatchLists,
  below: BatchLists,
): Scalar {
  // A batch whose users have no lists has no items either; what it gives must depend on the student, as every loss does.
  if (items.length === 0) return engine.tf.mul(engine.tf.sum(student.user), 0) as Scalar;
  const scores = student.scoresOf(items);
  const scoresIn = (lists: BatchLists) => scoresByItem(engine, scores, lists);
  const used = (lists: BatchLists) => engine.tf.tensor2d(placesInUse(lists), [items.length, lists.width]);
  return rankingLoss(engine, scoresIn(above), used(above), scoresIn(below), used(below));
}

/** Scores of the users in the lists, [M, width]. @param scores [B, M] */
function scoresByItem({ tf, gatherRows }: Engine, scores: Tensor, lists: BatchLists): Tensor {
  const items = lists.lengths.length;
  const flat = lists.ids.map((user, at) => user * items + Math.floor(at / lists.width));
  return tf.reshape(gatherRows(tf.reshape(scores, [scores.size, 1]), flat), [items, lists.width]);
}
