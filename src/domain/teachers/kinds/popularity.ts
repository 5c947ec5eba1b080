import { defineTeacher } from '../kind.ts';

export const popularity = defineTeacher({
  kind: 'popularity',
  origin: 'trained',
  says: 'What is popular, the same for everyone.',
  task: 'single-label',
  scores: 'scores',
  layers: false,
  inEpochs: false,
  options: {},
});
