import { defineLoss, RANKING_TASKS } from '../kind.ts';

export const ftd = defineLoss({
  kind: 'ftd',
  says: "Full topology distillation: the cosines between all users and items of a batch are to be the teacher's (FTD: Kang et al., KDD 2021).",
  formerly: {
    kind: 'topology',
    read: ({ groups = 1, ...options }) => (groups === 1 ? options : undefined),
  },
  options: {},
  defaults: { weight: 1 },
  learnsFrom: 'hiddenLayer',
  tasks: RANKING_TASKS,
});
