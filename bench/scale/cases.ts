/** The data of one whole default job. */
export interface ScaleCase {
  name: string;
  users: number;
  items: number;
  interactions: number;
  /** Shares of the interactions by type, each type a task of its own; absent for ratings and one task. */
  tasks?: Record<string, number>;
  seed: number;
  backend: string;
  /** The clock by which the job tells the time left. */
  etaClock: 'wall' | 'processors';
}

const CASES: Record<string, Pick<ScaleCase, 'users' | 'items' | 'interactions' | 'tasks'>> = {
  article: { users: 100_000, items: 10_000, interactions: 5_000_000 },
  tasks: {
    users: 32_000,
    items: 31_000,
    interactions: 357_000,
    tasks: { view: 0.6, cart: 0.25, purchase: 0.15 },
  },
  movielens: { users: 6000, items: 3000, interactions: 575_000 },
};

/**
 * A named case, with users and interactions cut to a share, and items to its root.
 * @param share 0 < share <= 1
 * @throws Error that names the cases there are
 */
export function scaleCase(
  name: string,
  share: number,
  more: Pick<ScaleCase, 'seed' | 'backend' | 'etaClock'>,
): ScaleCase {
  const found = CASES[name];
  if (!found) throw new Error(`--cases: there is no ${name}; choose of ${Object.keys(CASES).join(', ')}`);
  if (!(share > 0 && share <= 1)) throw new Error(`--share must be above 0 and at most 1, not ${share}`);
  const { users, items, interactions, tasks } = found;
  return {
    name: share === 1 ? name : `${name} x ${share}`,
    users: Math.round(users * share),
    items: Math.round(items * Math.sqrt(share)),
    interactions: Math.round(interactions * share),
    ...(tasks && { tasks }),
    ...more,
  };
}
