import { scaleRows } from '../dataset/batches.ts';
import type { Term, TermSetup } from './term.ts';

/**
 * Cross-entropy of the user's own items, shared out by their weights: the multinomial likelihood (Liang et al., WWW 2018,
 * eq. 2). In a sequence it is the next item that counts.
 */
export function hardLabels({ engine }: TermSetup): Term {
  return {
    prepare({ wanted }) {
      const labels = engine.sparseRows(scaleRows(wanted, 'l1'));
      return {
        value: (student) => student.crossEntropy(labels),
        dispose: () => labels.dispose(),
      };
    },
  };
}
