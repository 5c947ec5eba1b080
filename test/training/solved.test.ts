import { describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { memoryArtifacts, run, SPEC } from './run-job.ts';

const spec: DistillationSpec = { ...SPEC, student: { kind: 'fold-in', dimensions: 4, user: 'solved' } };

describe('a job whose student solves the user vector', () => {
  it('publishes and refits one that is as good as its teacher on the blocks', async () => {
    const artifacts = memoryArtifacts();
    const { version, report } = await run(
      { ...spec, evaluation: { ...SPEC.evaluation, refit: true } },
      undefined,
      {},
      artifacts,
    );
    const { manifest, weights } = await loadStudent(artifacts, version.artifact);
    expect(manifest).toMatchObject({ formatVersion: 4, tied: true, normalization: 'none', dimensions: 4 });
    expect(weights.solver!.gram).toHaveLength(4);
    expect(report.served.weights).toBe('refitted');
    const metricOf = (name: string) =>
      report.models.find((model) => model.name === name)!.metrics['ndcg@5']!.value;
    expect(metricOf('student')).toBeGreaterThan(0.9 * metricOf('teacher'));
    expect(metricOf('student-alone')).toBeGreaterThan(metricOf('popularity'));
    expect(report.settings).toMatchObject({ distillation: { transfer: 'ials', thinned: 3 } });
  });

  it.each([
    ['int4', {}],
    ['pq', { codes: 8, codeWidth: 2 }],
  ] as const)('stores it in %s', async (quantization, more) => {
    const artifacts = memoryArtifacts();
    const student = { ...spec.student!, quantization, ...more };
    const { version } = await run({ ...spec, student }, undefined, {}, artifacts);
    const { manifest } = await loadStudent(artifacts, version.artifact);
    expect(manifest).toMatchObject({ quantization, solver: { scale: expect.any(Number) } });
  });
});
