import type { DataSize } from '../../dataset/data-size.ts';

/** Operations a second of two usual cores: products of dense matrices, and loops over pairs. */
const DENSE = 1e11;
const LOOPS = 2e9;
/** Users that validation ranks the catalogue for at most, and seconds for one item of one of them. */
const VALIDATED = 2_000;
const RANKED = 5e-9;

/** Pairs of each user where nobody has counted them. */
const USUAL_PAIRS = 20;

export const pairsOf = ({ users, pairs }: DataSize): number => pairs ?? USUAL_PAIRS * users;

/** Work of one kind: multiplications and additions in dense products, and in loops. */
export interface Work {
  dense?: number;
  loops?: number;
}

/** Estimated seconds on two cores; a number from sizes alone, so that plans made of it are the same on every machine. */
export function secondsOf({ dense = 0, loops = 0 }: Work): number {
  return dense / DENSE + loops / LOOPS;
}

/** Estimated seconds of one validation, of a model that needs this work for each user. */
export function validationSeconds({ users, items }: DataSize, perUser: Work): number {
  return Math.min(users, VALIDATED) * (secondsOf(perUser) + items * RANKED);
}
