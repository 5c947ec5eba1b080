import { defineTeacher } from '../kind.ts';
import { sequenceOptions, Widths } from '../options.ts';

export const gru = defineTeacher({
  kind: 'gru',
  origin: 'trained',
  says: 'Of the task sequential: GRU4Rec, the next item from the order of the history by a recurrent layer.',
  task: 'sequential',
  scores: 'logits',
  layers: true,
  inEpochs: true,
  options: { hidden: Widths('Width of the state, as a list of one.'), ...sequenceOptions },
  problem: ({ hidden }) =>
    hidden === undefined || hidden.length === 1
      ? null
      : `teacher.hidden must name one width for gru, that of its state, such as [128]; got [${hidden}]`,
});
