import { defineTeacher } from '../kind.ts';
import { fitOptions, WeightDecay, Widths } from '../options.ts';

export const softmax = defineTeacher({
  kind: 'softmax',
  origin: 'trained',
  says: 'A network with a softmax over all items.',
  task: 'single-label',
  scores: 'logits',
  layers: true,
  inEpochs: true,
  options: { hidden: Widths('Widths of the hidden layers.'), weightDecay: WeightDecay, ...fitOptions },
  auto: 5,
  problem: ({ hidden }) =>
    hidden?.length === 0
      ? 'teacher.hidden must name the width of at least one layer for softmax, such as [600]'
      : null,
});
