import { describe, expect, it } from 'vitest';
import { completeLoss } from '../../../src/domain/losses/complete-losses.ts';
import {
  completeTeacher,
  findKind,
  TEACHER_KINDS,
  type TeacherKindName,
  traitsOf,
} from '../../../src/domain/teachers/teacher-spec.ts';

describe('a kind of teacher', () => {
  it('has a name of its own, and options that its variants know', () => {
    const names = TEACHER_KINDS.map(({ kind }) => kind);
    expect(new Set(names).size).toBe(names.length);
    for (const { options, variants } of TEACHER_KINDS) {
      for (const { has } of Object.values(variants?.of ?? {})) {
        expect(Object.keys(options)).toEqual(expect.arrayContaining([...has]));
      }
    }
  });

  it('is what its variant is, and that is the one of the task where none is named', () => {
    const factors = { kind: 'matrix-factorization' } as const;
    expect(traitsOf(factors)).toMatchObject({ task: 'single-label', inEpochs: false, layers: true });
    expect(traitsOf({ ...factors, objective: 'bpr' } as typeof factors).inEpochs).toBe(true);
    expect(traitsOf(factors, 'rating').task).toBe('rating');
    expect(traitsOf(factors, 'sequential').task).toBe('single-label');
  });

  it('has soft labels standardized where its scores have a scale of their own', () => {
    const scoresFor = (kind: string) =>
      completeLoss({ kind: 'softLabels' }, kind as TeacherKindName) as { scores?: string };
    const standardized = TEACHER_KINDS.map(({ kind }) => kind).filter(
      (kind) => scoresFor(kind).scores === 'standardized',
    );
    expect(standardized).toEqual([
      'auto',
      'ensemble',
      'ease',
      'elsa',
      'graph-filter',
      'matrix-factorization',
      'popularity',
      'slist',
    ]);
  });

  it('is a version where a model is named, and unknown by another name', () => {
    expect(completeTeacher({ model: 'movies' })).toEqual({ kind: 'stored', model: 'movies' });
    expect(findKind('remapped')).toBeUndefined();
    expect(findKind(undefined)).toBeUndefined();
  });
});
