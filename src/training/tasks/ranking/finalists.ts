import type { StudentTrial } from './pick-student.ts';

/** Finalists at most: all of their work takes as long as teaching the student itself. */
const MOST = 2;
/**
 * Error of an early sign, as a share of the teacher's NDCG@10: on citeulike sums fell from .82 to .70 by the rest of their
 * work, and what starts from iALS rose from .75 to .90. Within so many standard errors it is noise in any case.
 */
const MISLED = 0.1;
const NOISE = 2;

/**
 * Returns the places of those whose choice needs all of their work: the best two that were taught, where the second is not far behind.
 * A control has all of its work done. One taught way that leads everything by more than early signs are wrong is no question any more.
 */
export function finalistsOf(
  trials: readonly (Pick<StudentTrial, 'score' | 'noise'> & { isControl?: true | undefined })[],
): number[] {
  const ranked = [...trials.keys()].sort((a, b) => trials[b]!.score - trials[a]!.score || a - b);
  const taught = ranked.filter((i) => !trials[i]!.isControl);
  const control = ranked.find((i) => trials[i]!.isControl);
  const [best] = taught;
  if (best === undefined) return [];
  const isNear = (i: number, to: number) => {
    const noise = Math.max(trials[i]!.noise, trials[to]!.noise);
    return Math.abs(trials[to]!.score - trials[i]!.score) <= Math.max(MISLED, NOISE * noise);
  };
  const near = taught.filter((i) => isNear(i, best)).slice(0, MOST);
  const isSettled =
    control === undefined || (trials[best]!.score > trials[control]!.score && !isNear(control, best));
  return near.length === 1 && isSettled ? [] : near;
}
