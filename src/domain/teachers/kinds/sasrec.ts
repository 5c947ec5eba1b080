import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';
import { sequenceOptions } from '../options.ts';

export const sasrec = defineTeacher({
  kind: 'sasrec',
  origin: 'trained',
  says: 'Of the task sequential: SASRec, the next item from the order of the history by self-attention.',
  task: 'sequential',
  scores: 'logits',
  layers: true,
  inEpochs: true,
  options: {
    blocks: Type.Optional(Type.Integer({ minimum: 1, maximum: 12, description: 'Layers of attention.' })),
    heads: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 16, description: 'dimensions is a multiple of it.' }),
    ),
    ...sequenceOptions,
  },
  auto: 2,
  problem: ({ dimensions = 96, heads = 2 }) =>
    dimensions % heads === 0
      ? null
      : `teacher.dimensions ${dimensions} must be a multiple of teacher.heads ${heads}, since each head has an equal share of them`,
});
