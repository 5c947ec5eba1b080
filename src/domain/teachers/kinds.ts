// Teachers that are one model, one line each. What each of them is, says its file; how the trainer makes one that is trained,
// says the file of the same name in src/teacher/kinds.
export { autoencoder } from './kinds/autoencoder.ts';
export { ease } from './kinds/ease.ts';
export { elsa } from './kinds/elsa.ts';
export { external } from './kinds/external.ts';
export { graphFilter } from './kinds/graph-filter.ts';
export { gru } from './kinds/gru.ts';
export { matrixFactorization } from './kinds/matrix-factorization.ts';
export { multilabel } from './kinds/multilabel.ts';
export { popularity } from './kinds/popularity.ts';
export { sasrec } from './kinds/sasrec.ts';
export { slist } from './kinds/slist.ts';
export { softmax } from './kinds/softmax.ts';
export { stored } from './kinds/stored.ts';
