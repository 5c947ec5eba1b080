import { Type } from 'typebox';
import { defineLoss, EVERY_TASK } from '../kind.ts';
import {
  FULL_SOFTMAX_ITEMS,
  link,
  listOrCatalogue,
  listOrCatalogueFor,
  ownItems,
  temperature,
} from '../options.ts';

/**
 * Soft labels that do not depend on the scale of a teacher's scores. As they are, scores that are no logits say next to nothing in a
 * softmax: the student of EASE on citeulike had NDCG@10 .041 of them, .089 with these settings (docs/defaults.md).
 */
export const STANDARDIZED = { scores: 'standardized', temperature: 0.5, ownItems: 'hidden' } as const;

export const softLabels = defineLoss({
  kind: 'softLabels',
  says: "Soft labels: the divergence of the student's softmax from the teacher's at a temperature (Hinton, Vinyals & Dean, 2015). With own items visible each pair counts by the weight of its behaviour, so that the optimum is in proportion to weight times share, and not the teacher's share. In the task rating they are the teacher's predictions, in the task multi-label its probabilities.",
  options: {
    temperature: temperature('Of the scores.'),
    link,
    scores: Type.Enum(['raw', 'standardized'], {
      description:
        "The teacher's scores as they are (the default of networks, whose scores are logits, at temperature 1 with own items visible), or with mean 0 and deviation 1 per user (the default of other teachers, at .5 with own items hidden).",
    }),
    ownItems,
    ...listOrCatalogue,
  },
  defaults: { weight: 1, temperature: 1, scores: 'raw', ownItems: 'visible' },
  forTeacher: ({ link, scores }) => (link === 'sigmoid' || scores === 'raw' ? {} : STANDARDIZED),
  forCatalogue: sizesFor,
  limit(items, { link }) {
    if (link !== 'sigmoid' || items <= FULL_SOFTMAX_ITEMS) return null;
    return `link sigmoid is over the whole catalogue and takes at most ${FULL_SOFTMAX_ITEMS} items; the data gives ${items}. dataset.minInteractions and dataset.sample make it smaller`;
  },
  problem({ top, samples }, field) {
    if (top === undefined || samples !== 0) return null;
    return `${field}.top does not apply when samples is 0: the divergence is then over the whole catalogue; leave one of the two out`;
  },
  learnsFrom: 'scores',
  tasks: EVERY_TASK,
  listLength: ({ top, samples }, onlyLists) => (samples > 0 || onlyLists ? top : 0),
  keepsScale: ({ scores }) => scores === 'raw',
  wholeHistory: 'alone',
});

function sizesFor(items: number, { link }: { link?: string }) {
  return link === 'sigmoid' ? { top: 0, samples: 0 } : listOrCatalogueFor(items);
}
