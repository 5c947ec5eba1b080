import { problem } from '../../core/errors.ts';
import type { RecommendOptions } from './recommend-options.ts';

/** A diverse list looks at four candidates for each place. */
const DIVERSE = 4;
/** Places that a user's explanations cost: a vector is computed anew for each item of the history. */
const EXPLAINED = 1_000;

type Asked = Pick<RecommendOptions, 'k' | 'diversity' | 'explain'>;

/** Work of a request in places of a plain list, each of which takes one or two microseconds. */
function placesOf(users: number, { k, diversity = 0, explain = false }: Asked): number {
  return users * (k * (diversity > 0 ? DIVERSE : 1) + (explain ? EXPLAINED : 0));
}

/** @param most 0 for no limit @throws problem('invalid-request') that names the limit */
export function refuseCostly(users: number, asked: Asked, most: number): void {
  const places = placesOf(users, asked);
  if (most === 0 || places <= most) return;
  const { k, diversity = 0, explain = false } = asked;
  const factors = [
    `${users} ${users === 1 ? 'user' : 'users'} with k ${k}`,
    diversity > 0 ? `times ${DIVERSE} for diversity` : '',
    explain ? `and ${EXPLAINED} more per user for explain` : '',
  ].filter((factor) => factor !== '');
  throw problem(
    'invalid-request',
    `This asks for ${places} places (${factors.join(', ')}), and MAX_REQUEST_PLACES allows ${most}; ask for fewer users at a time, or for a smaller k.`,
  );
}
