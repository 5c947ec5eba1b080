import { defineTeacher } from '../kind.ts';
import { fitOptions, WeightDecay, Widths } from '../options.ts';

/** A softmax over so many items takes minutes for the steps that it needs. */
const SMALL_CATALOGUE = 5_000;

export const softmax = defineTeacher({
  kind: 'softmax',
  origin: 'trained',
  says: 'A network with a softmax over all items.',
  task: 'single-label',
  scores: 'logits',
  layers: true,
  inEpochs: true,
  options: { hidden: Widths('Widths of the hidden layers.'), weightDecay: WeightDecay, ...fitOptions },
  // The best single one on dense data such as MovieLens.
  auto: { place: 2, fits: ({ items }) => items <= SMALL_CATALOGUE },
  problem: ({ hidden }) =>
    hidden?.length === 0
      ? 'teacher.hidden must name the width of at least one layer for softmax, such as [600]'
      : null,
});
