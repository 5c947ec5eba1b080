import { defineLoss, EVERY_TASK } from '../kind.ts';
import { link } from '../options.ts';

export const hardLabels = defineLoss({
  kind: 'hardLabels',
  says: "Hard labels: cross-entropy of the user's own items, the multinomial likelihood (Liang et al., WWW 2018, eq. 2). It needs no teacher. In the task sequential the answer is the next item, in the task rating the ratings, in the task multi-label the known labels.",
  options: { link },
  defaults: { weight: 1 },
  learnsFrom: 'data',
  tasks: EVERY_TASK,
  followsCurriculum: true,
});
