/** Count, sum and sum of squares of what was observed of each user. */
export interface Moments {
  users: number;
  sum: number;
  squares: number;
}

export const NO_MOMENTS: Moments = { users: 0, sum: 0, squares: 0 };

export function meanOf({ users, sum }: Moments): number {
  return users > 0 ? sum / users : 0;
}

/** Variance of a user's observation; 0 for fewer than two users. */
export function varianceOf({ users, sum, squares }: Moments): number {
  if (users < 2) return 0;
  // Rounding may leave a little below 0.
  return Math.max(0, (squares - (sum * sum) / users) / (users - 1));
}
