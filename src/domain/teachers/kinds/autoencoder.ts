import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';
import { fitOptions, WeightDecay, Widths } from '../options.ts';

export const autoencoder = defineTeacher({
  kind: 'autoencoder',
  origin: 'trained',
  says: 'Mult-VAE or Mult-DAE.',
  task: 'single-label',
  scores: 'logits',
  layers: true,
  inEpochs: true,
  options: {
    variant: Type.Optional(Type.Enum(['vae', 'dae'], { description: 'Default vae.' })),
    hidden: Widths('Widths of the hidden layers of the encoder; the decoder has them in reverse.'),
    latent: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 16_384, description: 'Width of the layer in the middle.' }),
    ),
    klWeight: Type.Optional(
      Type.Number({ minimum: 0, maximum: 10, description: 'Of variant vae: final weight of the KL.' }),
    ),
    weightDecay: WeightDecay,
    ...fitOptions,
  },
  variants: { by: 'variant', of: { vae: { has: ['klWeight'] }, dae: { has: [] } } },
});
