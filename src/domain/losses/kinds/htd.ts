import { Type } from 'typebox';
import { defineLoss, RANKING_TASKS } from '../kind.ts';

export const htd = defineLoss({
  kind: 'htd',
  says: "Hierarchical topology distillation: the cosines between the means of groups of like users or items and all users and items, and between those of one group, are to be the teacher's (HTD: Kang et al., KDD 2021).",
  formerly: {
    kind: 'topology',
    read: ({ groups = 1, ...options }) => (groups === 1 ? undefined : { groups, ...options }),
  },
  options: {
    groups: Type.Integer({
      minimum: 2,
      maximum: 1000,
      description:
        'Groups of like users, and as many of like items; default 10 (the authors use 30). The loss ftd compares all with all.',
    }),
  },
  defaults: { weight: 1, groups: 10 },
  learnsFrom: 'hiddenLayer',
  tasks: RANKING_TASKS,
});
