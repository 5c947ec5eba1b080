import { describe, expect, it } from 'vitest';
import { finalistsOf } from '../../../../src/training/tasks/ranking/finalists.ts';

const taught = (score: number, noise = 0.01) => ({ score, noise });
const control = (score: number, noise = 0.01) => ({ score, noise, isControl: true as const });

describe('the finalists of the choice of the student', () => {
  it('are the best two that were taught where early signs may be wrong, the better first', () => {
    expect(finalistsOf([taught(0.82), taught(0.7), taught(0.75), control(0.76)])).toEqual([0, 2]);
    expect(finalistsOf([taught(0.75), taught(0.82), control(0.76)])).toEqual([1, 0]);
  });

  it('leave out a way that is far behind', () => {
    expect(finalistsOf([taught(0.9), taught(0.6), control(0.88)])).toEqual([0]);
    // By its own noise it may be as good.
    expect(finalistsOf([taught(0.9), taught(0.6, 0.16), control(0.88)])).toEqual([0, 1]);
  });

  it('are none where one taught way leads everything by far', () => {
    expect(finalistsOf([taught(0.95), taught(0.6), control(0.7)])).toEqual([]);
    expect(finalistsOf([taught(0.95), taught(0.6)])).toEqual([]);
  });

  it('are asked for where a control leads, however far: early signs say little of the end', () => {
    expect(finalistsOf([taught(0.5), control(0.95)])).toEqual([0]);
    expect(finalistsOf([control(0.95)])).toEqual([]);
  });
});
