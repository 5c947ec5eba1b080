/** A teacher of its own, as docs/architecture.md shows it: two new files and two lines. */
export const TOY_TEACHER = {
  files: {
    'src/domain/teachers/kinds/toy.ts': `import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';

export const toy = defineTeacher({
  kind: 'toy',
  origin: 'trained',
  says: 'Toy: how often an item was taken, to a power; the same for everyone.',
  task: 'single-label',
  scores: 'scores',
  layers: false,
  inEpochs: false,
  options: {
    power: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 2, description: 'Default 0.5.' })),
  },
});
`,
    'src/teacher/kinds/toy.ts': `import { Type } from 'typebox';
import { columnSums } from '../../dataset/matrix.ts';
import type { TeacherMaker } from '../maker.ts';
import { createSteps } from './closed-form.ts';

const ToySettings = Type.Object({ kind: Type.Literal('toy'), power: Type.Number() });

export const toy: TeacherMaker<typeof ToySettings> = {
  kind: 'toy',
  settings: ToySettings,
  plan: ({ power = 0.5 }) => ({ kind: 'toy', power }),
  continues: false,
  async train(settings, context) {
    const values = columnSums(context.train).map((weight) => weight ** settings.power);
    await createSteps(context, 1).step();
    const tensors = { shares: { shape: [values.length], values } };
    return toy.restore(context.engine, settings, { kind: 'toy', settings, epochs: 1, tensors });
  },
  restore({ tf }, settings, state) {
    const { values } = state.tensors.shares!;
    return {
      kind: 'toy',
      description: \`toy \${settings.power}\`,
      parameters: values.length,
      bytes: values.byteLength,
      epochs: 1,
      settings,
      scores: ({ rows }) => tf.tidy(() => tf.tile(tf.tensor2d(values, [1, values.length]), [rows, 1])),
      // Nothing depends on the history: as a linear map it is zero.
      project: (directions) => new Float32Array(directions.length),
      state: () => state,
      dispose: () => {},
    };
  },
};
`,
  },
  lines: {
    'src/domain/teachers/kinds.ts': `export { toy } from './kinds/toy.ts';`,
    'src/teacher/kinds.ts': `export { toy } from './kinds/toy.ts';`,
  },
};
