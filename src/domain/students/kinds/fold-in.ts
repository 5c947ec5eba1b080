import { Type } from 'typebox';
import { defineStudent, sharedOptions } from '../kind.ts';

export const foldIn = defineStudent({
  kind: 'fold-in',
  says: 'The user is a weighed sum of the vectors of their items, or the solution of a ridge regression on them.',
  options: {
    ...sharedOptions,
    maxHistory: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description:
        'Newest distinct items of a history that are read, in training, in the report and in serving (default 500).',
    }),
    user: Type.Enum(['summed', 'solved'], {
      description:
        "How a history becomes the user's vector: by adding up the vectors of its items (summed), or by a ridge regression on them (solved), as iALS folds in a user. Left out, what does better on validation, see docs/defaults.md.",
    }),
    hidden: Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: 'Width of a layer between the history and the user vector; without it there is none.',
    }),
    recency: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'Each item of a history weighs so much of what it would if it were one place newer; 1 forgets the order. Left out, .7 in the task sequential, and in the task single-label what does better on validation. Other tasks have none.',
    }),
    normalization: Type.Enum(['l2', 'sqrt', 'none'], {
      description: 'A history is divided by its length (l2), by the root of its sum (sqrt), or not at all.',
    }),
    activation: Type.Enum(['identity', 'relu', 'tanh'], {
      description: 'Of the hidden layer, or of the user vector without one.',
    }),
  },
  problem({ tied, hidden, activation, user, normalization }) {
    if (user === 'solved') {
      const wrong = solvedProblem({ hidden, activation, normalization });
      if (wrong) return wrong;
    }
    if (tied && hidden !== undefined) {
      return `student.tied needs both item matrices of one width, and hidden ${hidden} stands between them; leave out one of the two`;
    }
    if (hidden !== undefined && activation === 'identity') {
      return 'student.activation identity makes the hidden layer a detour; use relu or tanh, or leave out student.hidden';
    }
    return null;
  },
});

/** Finds an option that a user vector that is solved does not go with: there is one system of equations and no layer behind it. */
function solvedProblem(options: {
  hidden?: number;
  activation?: string;
  normalization?: string;
}): string | null {
  const { hidden, activation = 'identity', normalization = 'none' } = options;
  const one = 'student.user solved makes the vector by a ridge regression';
  if (hidden !== undefined)
    return `${one}, behind which there is no hidden layer; leave out student.hidden, or use summed`;
  if (activation !== 'identity')
    return `${one}, whose solution is used as it is; leave out student.activation ${activation}, or use summed`;
  if (normalization !== 'none')
    return `${one}, which weighs a history by itself; leave out student.normalization ${normalization}, or use summed`;
  return null;
}
