import { defineLoss, RANKING_TASKS } from '../kind.ts';
import { atMost, listAndOthers, othersProblem, side, temperature } from '../options.ts';
import { WINDOW } from '../window.ts';

const USUAL = { top: 50, samples: 50 };

export const dcd = defineLoss({
  kind: 'dcd',
  says: 'Dual correction: what the student ranks lower than the teacher must rise above what it ranks higher. What is corrected is drawn by how many ranks the student is off, on the user side (items for users), the item side (users for items) or both (DCD: Lee & Kim, CIKM 2021).',
  formerly: { kind: 'correction' },
  options: { temperature: temperature('In ranks.'), ...listAndOthers(USUAL), side },
  defaults: { weight: 1, temperature: 10, side: 'users' },
  forCatalogue: (items) => atMost(items, USUAL),
  problem: (loss, field) => othersProblem('dcd', loss, field),
  learnsFrom: 'scores',
  tasks: RANKING_TASKS,
  listLength: ({ top }) => Math.max(WINDOW, top),
});
