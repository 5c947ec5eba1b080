import { scaleRows } from '../dataset/batches.ts';
import type { Term, TermSetup } from './term.ts';

/** Cross-entropy of the user's own items, shared out by their weights: the multinomial likelihood (Liang et al., WWW 2018, eq. 2). */
export function hardLabels({ engine }: TermSetup): Term {
  return {
    prepare({ own }) {
      const labels = engine.sparseRows(scaleRows(own, 'l1'));
      return {
        value: (student) => student.crossEntropy(labels),
        dispose: () => labels.dispose(),
      };
    },
  };
}
