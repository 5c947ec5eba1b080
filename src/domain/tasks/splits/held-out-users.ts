import { Type } from 'typebox';
import { fractions, fractionsProblem } from '../split-fractions.ts';
import { defineSplit } from '../split-kind.ts';

export const heldOutUsers = defineSplit({
  strategy: 'held-out-users',
  says: 'Some users are not trained on; the rest of their history is predicted from its older part.',
  options: {
    ...fractions('the users', 0.1, 0.1),
    foldInFraction: Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: "Share of such a user's history that is known; default 0.8.",
    }),
  },
  tasks: ['single-label', 'sequential', 'rating'],
  complete: ({ testFraction = 0.1, validationFraction = 0.1, foldInFraction = 0.8 }) => ({
    testFraction,
    validationFraction,
    foldInFraction,
  }),
  problem: fractionsProblem,
});
