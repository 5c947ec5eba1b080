// How the trainer makes each kind of teacher that jobs train, one line each, under the names of src/domain/teachers/kinds.ts.
export { autoencoder } from './kinds/autoencoder.ts';
export { ease } from './kinds/ease.ts';
export { elsa } from './kinds/elsa.ts';
export { graphFilter } from './kinds/graph-filter.ts';
export { gru } from './kinds/gru.ts';
export { matrixFactorization } from './kinds/matrix-factorization.ts';
export { multilabel } from './kinds/multilabel.ts';
export { popularity } from './kinds/popularity.ts';
export { sasrec } from './kinds/sasrec.ts';
export { slist } from './kinds/slist.ts';
export { softmax } from './kinds/softmax.ts';
