import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import type { Answered } from '../../src/training/run/answered.ts';
import { blockRows } from '../helpers/data.ts';
import { replacing } from './replacing.ts';
import { memoryArtifacts, run, SPEC } from './run-job.ts';

/** Histories in an order that no name tells. */
const ROWS = blockRows().map((row, i) => ({
  ...row,
  timestamp: 1_700_000_000_000 + ((i * 7919) % 1009) * 1000,
}));
const JOB: DistillationSpec = {
  ...SPEC,
  dataset: { split: { strategy: 'leave-last-out' } },
  teacher: { kind: 'ease', lambda: 10 },
  student: { kind: 'fold-in', dimensions: 4, recency: 0.5, user: 'summed' },
  distillation: { epochs: 2, batchSize: 8, seed: 7 },
  evaluation: { k: [3], unseenUsers: 0, refit: false },
};

describe('a ranking whose older items say less', () => {
  const answers: Answered[] = [];
  let job: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    job = await run(JOB, ROWS, { onAnswer: (answer) => void answers.push(answer) }, memoryArtifacts());
  });

  it('is served as it was measured: the newest item first, each older one for half', async () => {
    expect(job.report.settings).toMatchObject({ recency: 0.5 });
    expect(job.report.protocol.histories).toContain('each weighing 0.5 of the one after it');
    const { manifest, weights, items } = await loadStudent(job.artifacts, job.version.artifact);
    expect(manifest).toMatchObject({ kind: 'fold-in', recency: 0.5 });
    const scorer = createStudentScorer(weights);
    const measured = answers.filter(({ by }) => by === 'student');
    expect(measured.length).toBeGreaterThan(10);
    for (const { id, answers: list } of measured) {
      const newestFirst = ROWS.filter(({ user }) => user === id).sort((a, b) => b.timestamp - a.timestamp);
      // The newest of all is the test.
      const rows = newestFirst.slice(1).map(({ item }) => items.indexOf(item));
      const out = new Float32Array(items.length);
      scorer.scoresInto(rows, new Float32Array(rows.length).fill(1), out);
      for (const { id: item, score } of list) expect(score).toBeCloseTo(out[items.indexOf(item)]!, 4);
    }
  });

  it('is served so after the refit too', async () => {
    const whole = await run({ ...JOB, evaluation: { ...JOB.evaluation, refit: true } }, ROWS);
    const { manifest } = await loadStudent(whole.artifacts, whole.version.artifact);
    expect(whole.report.served).toMatchObject({ weights: 'refitted' });
    expect(manifest).toMatchObject({ recency: 0.5 });
  });

  it('is measured in the same way where it is live, and passes on how it reads as a teacher', async () => {
    const { report } = await replacing(job, { ...JOB, distillation: { ...JOB.distillation, seed: 8 } }, ROWS);
    const live = report.models.find(({ name }) => name === 'live')!;
    const before = job.report.models.find(({ name }) => name === 'student')!;
    expect(live.metrics['ndcg@3']!.value).toBeCloseTo(before.metrics['ndcg@3']!.value, 10);
    const { student: _, ...open } = JOB;
    const next = await replacing(job, { ...open, teacher: { model: 'blocks', part: 'student' } }, ROWS);
    expect(next.report.settings).toMatchObject({ recency: 0.5 });
    const taught = next.report.models.find(({ name }) => name === 'teacher')!;
    expect(taught.metrics['ndcg@3']!.value).toBeCloseTo(before.metrics['ndcg@3']!.value, 1);
  });
});
