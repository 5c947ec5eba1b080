import { defineTeacher } from '../kind.ts';
import { Dimensions, fitOptions } from '../options.ts';

const { dropout: _, ...inEpochs } = fitOptions;

export const elsa = defineTeacher({
  kind: 'elsa',
  origin: 'trained',
  says: 'ELSA: a linear autoencoder of low rank, with vectors of length 1 for the items.',
  task: 'single-label',
  scores: 'scores',
  layers: false,
  inEpochs: true,
  options: { dimensions: Dimensions, ...inEpochs },
  auto: 4,
});
