/** Attempts until a delivery is given up: with the pauses between them about a day. */
export const MOST_ATTEMPTS = 11;

const FIRST_MS = 5_000;
const LONGEST_MS = 6 * 3_600_000;
const GROWTH = 4;

/**
 * Time until the next attempt in milliseconds: 5 s, 20 s, 80 s and so on up to six hours, each by chance up to a quarter shorter, so
 * that what failed together does not come back together.
 * @param attempts the number of those that have failed, from 1
 * @param chance from 0 to 1
 * @param askedMs how long the receiver wants to be left alone
 * @returns null where it is given up
 */
export function pauseAfter(attempts: number, chance: number, askedMs = 0): number | null {
  if (attempts >= MOST_ATTEMPTS) return null;
  const pause = Math.min(LONGEST_MS, FIRST_MS * GROWTH ** (attempts - 1));
  return Math.round(Math.max(pause * (1 - chance / 4), Math.min(askedMs, LONGEST_MS)));
}
