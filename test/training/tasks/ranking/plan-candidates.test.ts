import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { planCandidates } from '../../../../src/training/tasks/ranking/plan-candidates.ts';

const SIZE = { users: 5000, items: 20_000, pairs: 100_000 };
const of = (more: Partial<DistillationSpec>) =>
  planCandidates(completeDistillation({ model: 'films', ...more }), SIZE, {} as never);
const namesOf = (more: Partial<DistillationSpec>) => of(more).map(({ name }) => name);

describe('the students that validation chooses from', () => {
  it('are sums and solutions, and one that no teacher taught', () => {
    const all = of({});
    expect(all.map(({ name }) => name)).toEqual([
      'summed, thinned',
      'summed, hard labels',
      'solved, thinned',
      'iALS, solved',
    ]);
    expect(all.map(({ isControl = false }) => isControl)).toEqual([false, false, false, true]);
    expect(all[0]!.settings.student).toMatchObject({ dimensions: 64, tied: false, normalization: 'l2' });
    expect(all[0]!.settings.student.user).toBeUndefined();
    expect(all[0]!.settings.distillation.thinned).toBe(15);
    expect(all[1]!.settings.distillation).toMatchObject({ dropout: 0.5, losses: [{}, { weight: 0.3 }] });
    expect(all[3]!.settings.distillation).toMatchObject({ transfer: 'ials', epochs: 0, roundedEpochs: 0 });
    expect(all[3]!.settings.alone.epochs).toBeGreaterThan(0);
  });

  it('have the same bytes: one matrix of twice the width, or the width that the job names', () => {
    const solved = { user: 'solved', normalization: 'none', tied: true, itemBias: false };
    expect(of({})[2]!.settings.student).toMatchObject({ ...solved, dimensions: 128 });
    const named = of({ student: { kind: 'fold-in', dimensions: 20 } });
    expect(named.map(({ settings }) => settings.student.dimensions)).toEqual([20, 20, 20, 20]);
    const untied = of({ student: { kind: 'fold-in', tied: false } });
    expect(untied[2]!.settings.student).toMatchObject({ dimensions: 64, tied: false });
  });

  it('contradict no option of the job', () => {
    const student = (more: object) => namesOf({ student: { kind: 'fold-in', ...more } });
    expect(student({ user: 'solved' })).toEqual(['solved, thinned', 'iALS, solved']);
    expect(student({ user: 'summed' })).toHaveLength(2);
    expect(student({ hidden: 32 })).toHaveLength(2);
    expect(student({ normalization: 'sqrt' })).toHaveLength(2);
    expect(namesOf({ distillation: { losses: [{ kind: 'rrd' }] } })).not.toContain('summed, hard labels');
    expect(namesOf({ distillation: { dropout: 0.1 } })).not.toContain('summed, hard labels');
    expect(namesOf({ distillation: { epochs: 3 } })).not.toContain('iALS, solved');
    expect(namesOf({ distillation: { transfer: 'svd' } })).toEqual([
      'summed, thinned',
      'summed, hard labels',
    ]);
    expect(namesOf({ distillation: { thinned: 2 } })).toEqual(['summed, hard labels']);
  });

  it.each<[string, Partial<DistillationSpec>]>([
    ['sequences', { task: 'sequential' }],
    ['features in training', { features: { items: ['genre'], training: true } as never }],
    ['frozen parts', { distillation: { freeze: [{ layer: 'items', epochs: 1 }] } }],
  ])('are none with %s', (_, more) => expect(namesOf(more)).toEqual([]));
});
