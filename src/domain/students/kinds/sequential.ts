import { Type } from 'typebox';
import { defineStudent, sharedOptions } from '../kind.ts';

export const HEADS = 2;

export const sequential = defineStudent({
  kind: 'sequential',
  says: 'Of the task sequential: one block of self-attention reads the newest items in order.',
  options: {
    ...sharedOptions,
    maxLength: Type.Integer({ minimum: 1, maximum: 500, description: 'Newest items that are read.' }),
    heads: Type.Integer({ minimum: 1, maximum: 16, description: 'Dimensions is a multiple of it.' }),
  },
  problem({ dimensions, heads = HEADS }, { task, transfer = 'svd' }) {
    if (task !== 'sequential') {
      return 'student.kind sequential reads the order of the histories; add "task": "sequential", or use fold-in';
    }
    if (dimensions !== undefined && dimensions % heads !== 0) {
      return `student.dimensions ${dimensions} must be a multiple of student.heads ${heads}, since each head has an equal share of them`;
    }
    if (transfer === 'svd' || transfer === 'none') return null;
    return `distillation.transfer ${transfer} is for students that are sums; use svd or none for student.kind sequential`;
  },
});
