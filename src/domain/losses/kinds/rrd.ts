import { defineLoss, RANKING_TASKS } from '../kind.ts';
import { atMost, listAndOthers, othersProblem, ownItems, side } from '../options.ts';

const USUAL = { top: 50, samples: 100 };

export const rrd = defineLoss({
  kind: 'rrd',
  says: "Relaxed ranking distillation: the likelihood that the student orders the teacher's list as the teacher does, and leaves other items below it in any order (RRD of DE-RRD: Kang et al., CIKM 2020). Its item side ranks users for items (IR-RRD: Kang et al., Information Sciences 2021).",
  formerly: { kind: 'ranking' },
  options: { ...listAndOthers(USUAL), ownItems, side },
  defaults: { weight: 1, ownItems: 'hidden', side: 'users' },
  forCatalogue: (items) => atMost(items, USUAL),
  problem: (loss, field) => othersProblem('rrd', loss, field),
  learnsFrom: 'scores',
  tasks: RANKING_TASKS,
  listLength: ({ top }) => top,
  followsCurriculum: true,
});
