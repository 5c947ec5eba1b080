import { scaleRows } from '../../dataset/batches.ts';
import type { LossTerm } from './term.ts';

/**
 * Cross-entropy of the user's own items, shared out by their weights: the multinomial likelihood (Liang et al., WWW 2018,
 * eq. 2). In a sequence it is the next item that counts. With the link sigmoid each item is a label of its own.
 */
export const hardLabels: LossTerm<'hardLabels'> = {
  term: ({ link }, { engine }) => ({
    prepare({ wanted }) {
      if (link === 'sigmoid') {
        const taken = engine.sparseRows({
          ...wanted,
          values: new Float32Array(wanted.values.length).fill(1),
        });
        return {
          value: (student) => engine.sigmoidCrossEntropy(student.logits(), taken),
          dispose: () => taken.dispose(),
        };
      }
      const labels = engine.sparseRows(scaleRows(wanted, 'l1'));
      return {
        value: (student) => student.crossEntropy(labels),
        dispose: () => labels.dispose(),
      };
    },
  }),
};
