import { Type } from 'typebox';
import { defineLoss, RANKING_TASKS } from '../kind.ts';

export const de = defineLoss({
  kind: 'de',
  says: "Distillation experts: the teacher's vectors of users and items, predicted from the student's by experts of which a gate chooses one (DE of DE-RRD: Kang et al., CIKM 2020).",
  formerly: { kind: 'experts' },
  options: {
    experts: Type.Integer({
      minimum: 2,
      maximum: 100,
      description: 'Number of experts for users, and as many for items; default 8 (the authors use 30).',
    }),
  },
  defaults: { weight: 0.1, experts: 8 },
  learnsFrom: 'hiddenLayer',
  tasks: RANKING_TASKS,
});
