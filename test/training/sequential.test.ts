import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import type { Row } from '../helpers/data.ts';
import { run } from './run-job.ts';

const CIRCLE = 16;
const STEPS = 7;
const nameOf = (item: number) => `item/${String(item).padStart(2, '0')}`;

/**
 * Everybody walks the same circle of items, each from a place of their own. Every item is in as many histories, beside the
 * same neighbours before and after it: only the order tells which of them comes next.
 */
function walks(): Row[] {
  return Array.from({ length: 5 * CIRCLE }, (_, user) =>
    Array.from({ length: STEPS }, (_, step) => ({
      user: `user ${user}`,
      item: nameOf((user + step) % CIRCLE),
      // Later users do not come later, and their items are not stored in order.
      timestamp: 1_700_000_000_000 + ((user * 37) % 11) * 1000 + step,
    })).toReversed(),
  ).flat();
}

const SPEC: DistillationSpec = {
  model: 'circle',
  task: 'sequential',
  teacher: { kind: 'sasrec', dimensions: 16, epochs: 25, batchSize: 40, learningRate: 0.02, dropout: 0.1 },
  student: { kind: 'sequential', dimensions: 8 },
  distillation: { epochs: 12, batchSize: 64, learningRate: 0.02, seed: 3 },
  evaluation: { k: [1, 3] },
};
type Run = Awaited<ReturnType<typeof run>>;
const hits = ({ report }: Run, name: string, k = 1) =>
  report.models.find((ranker) => ranker.name === name)!.metrics[`hr@${k}`]!.value;

/** The best unseen items for a history, the oldest first. */
async function nextOf({ artifacts, version }: Run, ...history: number[]) {
  const { weights, items } = await loadStudent(artifacts, version.artifact);
  const rows = history.map((item) => items.indexOf(nameOf(item))).toReversed();
  const { rows: best } = createStudentScorer(weights).recommend(
    rows,
    new Float32Array(rows.length).fill(1),
    1,
    rows,
  );
  return items[best[0]!];
}

describe('a sequential job on a circle', () => {
  let job: Run;
  beforeAll(async () => {
    job = await run(SPEC, walks());
  });

  it('finds the next item, as its teacher does', () => {
    expect(hits(job, 'teacher')).toBeGreaterThan(0.95);
    expect(hits(job, 'student')).toBeGreaterThan(0.95);
    expect(hits(job, 'popularity')).toBeLessThan(0.3);
  });

  it('publishes a student that serving reads, and that goes by the order of a session', async () => {
    const { manifest } = await loadStudent(job.artifacts, job.version.artifact);
    expect(manifest).toMatchObject({ kind: 'sequential', encoder: { length: 50, heads: 2 }, tied: true });
    expect(await nextOf(job, 3, 4, 5)).toBe(nameOf(6));
    expect(await nextOf(job, 15, 0)).toBe(nameOf(1));
  });

  it('reports the split and the settings that it filled in', () => {
    expect(job.report.data).toMatchObject({
      test: 5 * CIRCLE,
      validation: 5 * CIRCLE,
      testUsers: 5 * CIRCLE,
    });
    expect(job.report.settings).toMatchObject({
      student: { kind: 'sequential' },
      teacher: { kind: 'sasrec' },
    });
    expect(job.report.models.map(({ name }) => name)).toContain('student-alone');
  });

  it('is what a teacher and a student of sets cannot do', async () => {
    const { task: _, ...sets } = SPEC;
    const plain = await run(
      {
        ...sets,
        dataset: { split: { strategy: 'leave-last-out' } },
        teacher: { kind: 'ease' },
        student: { kind: 'fold-in', dimensions: 8 },
      },
      walks(),
    );
    expect(hits(plain, 'teacher')).toBeLessThan(0.6);
    expect(hits(plain, 'student')).toBeLessThan(0.6);
  });
});

describe('other pairs of teachers and students', () => {
  it('let a gru teach a sum whose weights fade', async () => {
    const job = await run(
      {
        ...SPEC,
        teacher: { kind: 'gru', dimensions: 16, epochs: 25, batchSize: 40, learningRate: 0.02, dropout: 0.1 },
        student: { kind: 'fold-in', dimensions: 12, recency: 0.4 },
        distillation: { ...SPEC.distillation, epochs: 30 },
      },
      walks(),
    );
    expect(hits(job, 'teacher')).toBeGreaterThan(0.9);
    expect(hits(job, 'student')).toBeGreaterThan(0.8);
    const { manifest } = await loadStudent(job.artifacts, job.version.artifact);
    expect(manifest).toMatchObject({ kind: 'fold-in', recency: 0.4 });
    expect(await nextOf(job, 3, 4, 5)).toBe(nameOf(6));
  });

  it('let a teacher of sets teach a student of sequences', async () => {
    const job = await run({ ...SPEC, teacher: { kind: 'ease' } }, walks());
    expect(hits(job, 'student', 3)).toBeGreaterThan(hits(job, 'popularity', 3));
  });
});

describe('a sequential job', () => {
  it('that leaves all open is taught by what reads the order', async () => {
    const { teacher: _, ...open } = SPEC;
    const job = await run({ ...open, evaluation: { k: [1, 3], refit: false } }, walks());
    expect(hits(job, 'teacher')).toBeGreaterThan(0.95);
    expect(hits(job, 'student')).toBeGreaterThan(0.95);
    expect(job.report.settings).toMatchObject({
      teachersTried: [{ description: expect.stringMatching(/^slist /) }, expect.anything()],
      distillation: { losses: [{ kind: 'rankLabels' }, { kind: 'hardLabels' }] },
    });
  });

  it('is refused where interactions have no time', async () => {
    const rows = walks().map(({ timestamp: _, ...row }, i) => (i % 9 === 0 ? { ...row, timestamp: i } : row));
    const error = await run(SPEC, rows).catch((e) => e);
    expect(error).toMatchObject({ code: 'not-enough-data', status: 422 });
    expect(error.detail).toMatch(/task sequential .* have no timestamp, the first is user "user \d+"/);
    expect(error.artifacts.files.size).toBe(0);
  });
});
