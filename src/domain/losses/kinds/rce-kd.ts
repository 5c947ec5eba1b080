import { defineLoss, RANKING_TASKS } from '../kind.ts';
import { atMost, listAndOthers, othersProblem, ownItems, temperature } from '../options.ts';
import { WINDOW } from '../window.ts';

const USUAL = { top: 50, samples: 100 };

export const rceKd = defineLoss({
  kind: 'rce-kd',
  says: "Rejuvenated cross-entropy: the student's own best items judged by the teacher, and what the teacher lists beyond them beside candidates that student and teacher draw together (RCE-KD: Zhu & Zhang, 2025).",
  formerly: { kind: 'rce' },
  options: { temperature: temperature('Of the scores.'), ...listAndOthers(USUAL), ownItems },
  defaults: { weight: 1, temperature: 1, ownItems: 'hidden' },
  forCatalogue: (items) => atMost(items, USUAL),
  problem: (loss, field) => othersProblem('rce-kd', loss, field),
  learnsFrom: 'scores',
  tasks: RANKING_TASKS,
  listLength: ({ top, samples }) => Math.max(WINDOW, top + samples),
});
