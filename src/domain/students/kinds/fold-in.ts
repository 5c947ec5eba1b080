import { Type } from 'typebox';
import { defineStudent, sharedOptions } from '../kind.ts';

export const foldIn = defineStudent({
  kind: 'fold-in',
  says: 'The user is a weighed sum of the vectors of their items.',
  options: {
    ...sharedOptions,
    maxHistory: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description:
        'Newest distinct items of a history that are read, in training, in the report and in serving (default 500).',
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
        'In the task sequential: each item weighs so much of what it would if it were one place newer; 1 forgets the order.',
    }),
    normalization: Type.Enum(['l2', 'sqrt', 'none'], {
      description: 'A history is divided by its length (l2), by the root of its sum (sqrt), or not at all.',
    }),
    activation: Type.Enum(['identity', 'relu', 'tanh'], {
      description: 'Of the hidden layer, or of the user vector without one.',
    }),
  },
  problem({ recency, tied, hidden, activation }, { task }) {
    if (recency !== undefined && task !== 'sequential') {
      return 'student.recency weighs items by the order of the history; add "task": "sequential", or use dataset.halfLifeDays';
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
