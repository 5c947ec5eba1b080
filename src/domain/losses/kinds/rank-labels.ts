import type { Scheduled } from '../../base/scheduled.ts';
import { defineLoss, RANKING_TASKS } from '../kind.ts';
import { listOrCatalogue, listOrCatalogueFor, temperature } from '../options.ts';

export const rankLabels = defineLoss({
  kind: 'rankLabels',
  says: "Rank labels: cross-entropy of the teacher's order, in which the item at rank r is wanted with a share proportional to exp(-r / temperature). Only the order counts. The weight by position is that of ranking distillation (Tang & Wang, KDD 2018, eq. 7), here as one distribution in a full softmax.",
  options: { temperature: temperature('In ranks.'), ...listOrCatalogue },
  defaults: { weight: 1 },
  forCatalogue: (items) => ({ temperature: rankTemperature(items), ...listOrCatalogueFor(items) }),
  learnsFrom: 'scores',
  tasks: RANKING_TASKS,
  listLength: ({ top }) => top,
  followsCurriculum: true,
  pace: 'fast',
  wholeHistory: 'always',
});

/**
 * Ranks by which the wanted share falls to 1/e: 10 for the 1,447 items of MovieLens-100K was the best of 10, 20, 40 and 80 on
 * validation; 20 for the 25,182 of citeulike is taken over, not tuned. The rule only joins the two. It falls to a sixth, so
 * that the student first finds what belongs together and in the end the order of the first places (docs/defaults.md).
 */
function rankTemperature(items: number): Scheduled {
  const from = Math.min(40, Math.max(3, Math.round(10 * (items / 1500) ** 0.25)));
  return { schedule: 'linear', from, to: Math.max(1, Math.round(from / 6)) };
}
