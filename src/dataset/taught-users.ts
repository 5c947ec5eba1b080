import type { Rng } from '../core/rng.ts';
import { usersWithHistory } from './batches.ts';
import type { DataSize } from './data-size.ts';
import { type Csr, selectRows } from './matrix.ts';

/** A student has no parameters of users: from so many on, more of them teach it little that is new. */
const ENOUGH_USERS = 40_000;
/** Pairs of the mean item that must be left, so that rare items are taught too. */
const ENOUGH_PAIRS = 50;

/** Users about whom a teacher is asked, and whose histories a student is taught: all but where there are very many. */
export function taughtUsers({ users, items, pairs = 0 }: DataSize): number {
  const forItems = pairs > 0 ? Math.ceil((ENOUGH_PAIRS * items * users) / pairs) : users;
  return Math.min(users, Math.max(ENOUGH_USERS, forItems));
}

/** The histories of a random part of the users, in their order, where there are more than are taught; all of them where order counts. */
export function someTaught(histories: Csr, rng: Rng): Csr {
  if (histories.order) return histories;
  const users = usersWithHistory(histories);
  const size = { users: users.length, items: histories.columns, pairs: histories.indices.length };
  const most = taughtUsers(size);
  if (users.length <= most) return histories;
  return selectRows(histories, rng.shuffle(users).subarray(0, most).sort());
}
