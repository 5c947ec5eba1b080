/** A loss of its own, as docs/architecture.md shows it: two new files and two lines. */
export const TOY_LOSS = {
  files: {
    'src/domain/losses/kinds/toy.ts': `import { Type } from 'typebox';
import { defineLoss, RANKING_TASKS } from '../kind.ts';

export const toy = defineLoss({
  kind: 'toy',
  says: "Toy: the mean square of the student's scores less the teacher's.",
  options: {
    scale: Type.Number({ exclusiveMinimum: 0, maximum: 10, description: "Factor for the teacher's scores." }),
  },
  defaults: { weight: 1, scale: 0.1 },
  learnsFrom: 'scores',
  tasks: RANKING_TASKS,
});
`,
    'src/distillation/losses/toy.ts': `import type { Scalar } from '../../tensor/engine.ts';
import type { LossTerm } from './term.ts';

export const toy: LossTerm<'toy'> = {
  term: ({ scale }, { engine: { tf }, teacher }) => ({
    prepare(step) {
      const scores = teacher!.scores(step);
      return {
        value: (student) => tf.mean(tf.square(tf.sub(student.logits(), tf.mul(scores, scale)))) as Scalar,
        dispose: () => scores.dispose(),
      };
    },
  }),
};
`,
  },
  lines: {
    'src/domain/losses/kinds.ts': `export { toy } from './kinds/toy.ts';`,
    'src/distillation/losses/terms.ts': `export { toy } from './toy.ts';`,
  },
};
