import { defineLoss, RANKING_TASKS } from '../kind.ts';

export const fitnet = defineLoss({
  kind: 'fitnet',
  says: "FitNet's hint: the teacher's hidden layer, predicted from the student's user vector by one trained projection (Romero et al., ICLR 2015).",
  formerly: { kind: 'hint' },
  options: {},
  defaults: { weight: 0.1 },
  learnsFrom: 'hiddenLayer',
  tasks: RANKING_TASKS,
});
