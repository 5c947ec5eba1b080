import { defineTeacher } from '../kind.ts';

export const auto = defineTeacher({
  kind: 'auto',
  origin: 'several',
  says: 'Trains the two or three that fit the size of the data, and keeps the best on validation or the average of the best.',
  task: 'single-label',
  scores: 'scores',
  layers: true,
  inEpochs: false,
  options: {},
});
