import { type AutoencoderSettings, autoencoder } from '../../src/teacher/kinds/autoencoder.ts';
import { elsa } from '../../src/teacher/kinds/elsa.ts';
import { graphFilter } from '../../src/teacher/kinds/graph-filter.ts';
import { matrixFactorization } from '../../src/teacher/kinds/matrix-factorization.ts';
import { popularity } from '../../src/teacher/kinds/popularity.ts';
import { trainTeacher } from '../../src/teacher/registry.ts';
import { createEnsemble } from '../../src/teacher/several/ensemble.ts';
import { describeTeacher } from '../contract/teacher-suite.ts';

const fitted = { epochs: 30, batchSize: 8, learningRate: 0.02, dropout: 0.3, weightDecay: 0 };

const autoencoders: Pick<AutoencoderSettings, 'variant' | 'hidden'>[] = [
  { variant: 'dae', hidden: [16] },
  { variant: 'vae', hidden: [16] },
  { variant: 'vae', hidden: [] },
];
const CLASSIC = { alpha: 0.3, activityPower: 1, popularityPower: 0 };

for (const { variant, hidden } of autoencoders) {
  const settings: AutoencoderSettings = {
    kind: 'autoencoder',
    variant,
    hidden,
    latent: 8,
    klWeight: 0.05,
    ...fitted,
  };
  describeTeacher({
    name: `autoencoder ${variant} with ${hidden.length} hidden layers`,
    train: (context) => autoencoder.train(settings, context),
    diverge: (context) => autoencoder.train({ ...settings, learningRate: 1e20 }, context),
    // A tanh that is saturated has little slope, and the DAE's are.
    linearOverlap: variant === 'dae' ? 0.5 : 0.7,
  });
}

describeTeacher({
  name: 'graph-filter',
  train: (context) => graphFilter.train({ kind: 'graph-filter', components: 2, filters: [CLASSIC] }, context),
  // Only the sketch of the SVD is random, and the SVD that comes of it is not.
  seeded: false,
  linearOverlap: 0.99,
});

describeTeacher({
  name: 'graph-filter of neighbours',
  train: (context) =>
    graphFilter.train(
      {
        kind: 'graph-filter',
        components: 2,
        filters: [{ alpha: 0, activityPower: 0.5, popularityPower: 0.2 }],
      },
      context,
    ),
  seeded: false,
  linearOverlap: 0.99,
});

describeTeacher({
  name: 'matrix-factorization ials',
  train: (context) =>
    matrixFactorization.train(
      {
        kind: 'matrix-factorization',
        objective: 'ials',
        dimensions: 4,
        regularization: 0.05,
        unobservedWeight: 0.1,
        epochs: 8,
      },
      context,
    ),
  linearOverlap: 0.8,
});

const bpr = {
  kind: 'matrix-factorization',
  objective: 'bpr',
  dimensions: 8,
  regularization: 0.01,
  negatives: 8,
  epochs: 40,
  batchSize: 8,
  learningRate: 0.02,
  dropout: 0.4,
} as const;

describeTeacher({
  name: 'matrix-factorization bpr',
  train: (context) => matrixFactorization.train(bpr, context),
  diverge: (context) => matrixFactorization.train({ ...bpr, learningRate: 1e20 }, context),
  linearOverlap: 0.99,
});

describeTeacher({
  name: 'elsa',
  train: (context) =>
    elsa.train({ kind: 'elsa', dimensions: 4, epochs: 40, batchSize: 8, learningRate: 0.05 }, context),
  linearOverlap: 0.99,
});

describeTeacher({
  name: 'popularity',
  train: (context) => popularity.train({ kind: 'popularity' }, context),
  seeded: false,
  personal: false,
  linearOverlap: 0,
});

for (const combine of ['average', 'distributions', 'rank-fusion'] as const) {
  describeTeacher({
    name: `ensemble by ${combine}`,
    train: async (context) => {
      const ease = await trainTeacher({ kind: 'ease', lambda: [1], form: 'primal' }, context);
      const graph = await trainTeacher({ kind: 'graph-filter', components: 2, filters: [CLASSIC] }, context);
      const members = [
        { teacher: ease, weight: 2 },
        { teacher: graph, weight: 1 },
      ];
      return createEnsemble(context.engine, members, { combine, temperature: 1, constant: 60 });
    },
    seeded: false,
    linearOverlap: combine === 'average' ? 0.9 : 0.7,
  });
}
