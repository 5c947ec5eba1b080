import { describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../src/domain/jobs/rules/check-distillation.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { blockOfItem } from '../helpers/data.ts';
import { run, SPEC } from './run-job.ts';

const SETS: DistillationSpec = {
  model: 'blocks',
  task: 'multi-label',
  labels: { of: 'users', from: 'items' },
  dataset: { split: { strategy: 'random', testFraction: 0.2, validationFraction: 0.2 } },
  teacher: { ...SPEC.teacher, kind: 'multilabel', epochs: 20 },
  student: { kind: 'fold-in', dimensions: 4 },
  distillation: { epochs: 30, batchSize: 8, seed: 7 },
  evaluation: { k: [3] },
};

describe('a job that learns which items users take', () => {
  it('finds the whole block of a user, with probabilities, in a student that recommends', async () => {
    const { report, artifacts, progress } = await run(SETS);
    const sets = report.sets!;
    expect(sets.models.map(({ name }) => name)).toEqual([
      'teacher',
      'student',
      'student-float32',
      'student-alone',
      'best-alone',
      'popularity',
    ]);
    const [teacher, student] = sets.models;
    const popularity = sets.models.at(-1)!;
    // All unseen items of the own block are the set, nobody takes one of the other.
    for (const one of [teacher!, student!]) {
      expect(one.metrics.lrap!.value).toBeGreaterThan(0.6);
      expect(one.metrics.microF1!.value).toBeGreaterThan(1.3 * popularity.metrics.microF1!.value);
    }
    expect(sets.comparison.gainOverBaseline.microF1!.low).toBeGreaterThan(0);
    expect(report.models.find(({ name }) => name === 'teacher')!.description).toBe('multilabel 32');
    expect(report.settings).toMatchObject({
      sets: true,
      distillation: {
        losses: [
          { kind: 'softLabels', link: 'sigmoid' },
          { kind: 'hardLabels', link: 'sigmoid' },
        ],
      },
      alone: { losses: [{ kind: 'hardLabels', link: 'sigmoid' }] },
    });
    const losses = progress.find(({ stage, losses }) => stage === 'distillation' && losses)!.losses!;
    expect(Object.keys(losses)).toEqual(expect.arrayContaining(['softLabels', 'hardLabels']));

    const { weights } = await loadStudent(artifacts, 'models/blocks/job-1');
    const { rows, length } = createStudentScorer(weights).recommend([0, 1, 2], [1, 1, 1], 5, [0, 1, 2]);
    expect([...rows.subarray(0, length)].map(blockOfItem)).toEqual([0, 0, 0, 0, 0]);
  });

  it('refuses lists, as every item has a probability of its own', () => {
    const refused = (spec: Partial<DistillationSpec>) => distillationProblem({ ...SETS, ...spec });
    expect(refused({})).toBeNull();
    expect(refused({ distillation: { losses: [{ kind: 'softLabels', link: 'sigmoid', top: 5 }] } })).toMatch(
      /losses\[0\].top does not apply to link sigmoid/,
    );
    expect(refused({ labels: { of: 'users', from: 'items', names: ['a'] } })).toMatch(
      /labels.names does not apply to from items/,
    );
    expect(refused({ labels: { of: 'items', from: 'items' } })).toMatch(
      /labels.from must be labels, categories or features.NAME/,
    );
    expect(refused({ teacher: { kind: 'ease' } })).toMatch(/teacher.kind ease gives no probabilities/);
    const ordinary = {
      model: 'm',
      distillation: { losses: [{ kind: 'hardLabels', link: 'sigmoid' }] },
    } as const;
    expect(distillationProblem(ordinary as never)).toMatch(
      /losses\[0\].link sigmoid takes scores for the logits/,
    );
  });
});
