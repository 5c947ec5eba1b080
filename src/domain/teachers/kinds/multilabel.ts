import { defineTeacher } from '../kind.ts';
import { fitOptions, WeightDecay, Widths } from '../options.ts';

export const multilabel = defineTeacher({
  kind: 'multilabel',
  origin: 'trained',
  says: 'Of the task multi-label: a network with a sigmoid for each label.',
  task: 'multi-label',
  scores: 'logits',
  layers: true,
  inEpochs: true,
  options: { hidden: Widths('Widths of the hidden layers.'), weightDecay: WeightDecay, ...fitOptions },
});
