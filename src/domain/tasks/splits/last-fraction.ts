import { completeFractions, fractions, fractionsProblem } from '../split-fractions.ts';
import { defineSplit } from '../split-kind.ts';

export const lastFraction = defineSplit({
  strategy: 'last-fraction',
  says: "Each user's newest interactions are the test set, the newest of the rest validation.",
  options: fractions("each user's interactions", 0.2, 0.1),
  tasks: ['single-label', 'sequential', 'rating'],
  complete: completeFractions,
  problem: fractionsProblem,
});
