import { completeFractions, fractions, fractionsProblem } from '../split-fractions.ts';
import { defineSplit } from '../split-kind.ts';

export const random = defineSplit({
  strategy: 'random',
  says: "A share of each user's interactions is the test set, another validation, drawn at random.",
  options: fractions("each user's interactions", 0.2, 0.1),
  // Test items out of the middle of a history would have the order answered by what came later.
  tasks: ['single-label', 'rating', 'multi-label'],
  complete: completeFractions,
  problem: fractionsProblem,
});
