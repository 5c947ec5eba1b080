import { createRng } from '../../src/core/rng.ts';
import type { Row } from './data.ts';

export const GROUPS = ['left', 'right'] as const;

export const groupOf = (id: string) => id.split(' ')[0] as (typeof GROUPS)[number];

/** Two groups of thirty users, each with eight of the twenty items of the group. */
export function groupRows(): Row[] {
  const rng = createRng(3);
  const itemsOf = (group: string) =>
    rng.shuffle(Array.from({ length: 20 }, (_, i) => `${group} ${String(i).padStart(2, '0')}`));
  return GROUPS.flatMap((group) =>
    Array.from({ length: 30 }, (_, user) =>
      itemsOf(group)
        .slice(0, 8)
        .map((item, i) => ({ user: `${group} user ${user}`, item, timestamp: Date.UTC(2026, 0, 1 + i) })),
    ).flat(),
  );
}
