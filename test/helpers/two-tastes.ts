import { createRng } from '../../src/core/rng.ts';

const ITEMS_PER_BLOCK = 20;
const UNSEEN = 5;
const FIRST_DAY = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

export interface TwoTastes {
  rows: { userId: string; itemId: string; type: string; timestamp: number }[];
  /** Per user the items of the own block that the user has not seen: the only right answers. */
  unseen: Map<string, string[]>;
}

export const blockOf = (itemId: string) => itemId[0] as 'a' | 'b';

/** Two blocks of items and users who click in one of them only, each leaving out a few items of it. */
export function twoTastes(usersPerBlock: number): TwoTastes {
  const rng = createRng(11);
  const rows: TwoTastes['rows'] = [];
  const unseen: TwoTastes['unseen'] = new Map();
  for (const block of ['a', 'b']) {
    for (let user = 0; user < usersPerBlock; user++) {
      const userId = `user ${block}/${user}`;
      const items = rng.shuffle(Array.from({ length: ITEMS_PER_BLOCK }, (_, item) => `${block}-${item}`));
      unseen.set(userId, items.slice(0, UNSEEN).sort());
      items.slice(UNSEEN).forEach((itemId, index) => {
        rows.push({ userId, itemId, type: 'click', timestamp: FIRST_DAY + (user * 100 + index) * MINUTE_MS });
      });
    }
  }
  return { rows, unseen };
}
