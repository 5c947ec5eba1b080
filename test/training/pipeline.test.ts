import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { drawOf } from '../../src/core/rng.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { JobProgress } from '../../src/domain/jobs/job.ts';
import { Report } from '../../src/domain/reports/report.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { blockOfItem, blockRows, ITEMS, WITHHELD } from '../helpers/data.ts';
import { run, SPEC } from './run-job.ts';

type Run = Awaited<ReturnType<typeof run>>;

describe('a distillation job on two blocks with a withheld band', () => {
  let job: Run;
  beforeAll(async () => {
    job = await run();
  });

  it('publishes an artifact that serving can load', async () => {
    const { manifest, weights, items, probes } = await loadStudent(job.artifacts, job.version.artifact);
    expect(probes.length).toBeGreaterThan(0);
    expect(manifest).toMatchObject({ model: 'blocks', jobId: 'job-1', items: ITEMS, dimensions: 4 });
    expect(items).toEqual(Array.from({ length: ITEMS }, (_, i) => `item/${String(i).padStart(2, '0')}`));
    expect(weights.itemsOut).toMatchObject({ rows: ITEMS, width: 4 });
    expect(job.version).toMatchObject({ model: 'blocks', jobId: 'job-1', items: ITEMS, dimensions: 4 });
  });

  it('publishes a student that knows the right answer', async () => {
    const { weights } = await loadStudent(job.artifacts, job.version.artifact);
    const scorer = createStudentScorer(weights);
    for (const history of [
      [0, 1, 2],
      [ITEMS - 1, ITEMS - 4],
    ]) {
      const { rows, length } = scorer.recommend(
        history,
        history.map(() => 1),
        6,
        history,
      );
      expect(length).toBe(6);
      expect(new Set(Array.from(rows.subarray(0, 6), blockOfItem))).toEqual(
        new Set([blockOfItem(history[0]!)]),
      );
    }
  });

  it.each(['ease', 'graph-filter'] as const)(
    'teaches a student of a few items by a teacher whose scores are small: %s',
    async (kind) => {
      const { report } = await run({ ...SPEC, teacher: { kind } });
      expect(report.comparison.retained['ndcg@5']!.value).toBeGreaterThan(0.95);
    },
  );

  it('writes a report that fits its schema, with all rankers on the same test pairs', () => {
    const validator = Compile(Report);
    expect([...validator.Errors(job.report)]).toEqual([]);
    expect(job.report.models.map((ranker) => ranker.name)).toEqual([
      'teacher',
      'student',
      'student-float32',
      'student-alone',
      'best-alone',
      'popularity',
    ]);
    // Of twelve pairs a user two are test and one is validation: the withheld band.
    expect(job.report.data).toMatchObject({ users: 24, items: ITEMS, interactions: 288, testUsers: 24 });
    expect(job.report.data).toMatchObject({ train: 24 * (12 - WITHHELD), validation: 24, test: 48 });
    expect(Object.keys(job.report.comparison.retained)).toContain('ndcg@5');
    expect(job.report.seed).toBe(7);
    expect(job.report.protocol.recallDenominator).toContain('testSize');
    expect(job.report.studentBeforeTraining!['ndcg@10']).toBeGreaterThan(0);
  });

  it('reports what is true of the data: teacher and student find the band, popularity does not', () => {
    const metric = (name: string) =>
      job.report.models.find((ranker) => ranker.name === name)!.metrics['recall@3']!.value;
    expect(metric('teacher')).toBeGreaterThan(0.95);
    expect(metric('student')).toBeGreaterThan(0.95);
    expect(metric('popularity')).toBeLessThan(0.7);
    expect(job.report.comparison.retained['recall@3']!.value).toBeCloseTo(
      metric('student') / metric('teacher'),
      9,
    );
    expect(job.version.summary.metrics.student!['recall@3']).toBe(metric('student'));
  });

  it('counts the bytes of the student that it publishes', () => {
    expect(job.report.models[1]!.bytes).toBe(job.weights.length);
    expect(job.version.bytes).toBe(job.weights.length);
    expect(job.report.comparison.compressionRatio).toBeCloseTo(
      job.report.models[0]!.bytes / job.weights.length,
      9,
    );
    expect(job.report.comparison.compressionRatio).toBeGreaterThan(2);
  });

  it('reports progress from 0 to 1, through every stage in turn', () => {
    const validator = Compile(JobProgress);
    for (const p of job.progress) expect(validator.Check(p)).toBe(true);
    expect([...new Set(job.progress.map((p) => p.stage))]).toEqual([
      'data',
      'teacher',
      'transfer',
      'distillation',
      'student-alone',
      'evaluation',
      'publishing',
    ]);
    expectMonotone(job.progress);
    const losses = job.progress.filter((p) => p.stage === 'distillation').at(-1)!.losses!;
    expect(Object.keys(losses).sort()).toEqual(['softLabels', 'total']);
  });

  it('gives the same bytes for the same seed, and others for another seed', async () => {
    const again = await run(SPEC, blockRows(99));
    expect(again.report.data.hash).toBe(job.report.data.hash);
    if (again.report.backend.deterministic) expect(again.weights.equals(job.weights)).toBe(true);
    const other = await run({ ...SPEC, distillation: { ...SPEC.distillation, seed: 8 } });
    expect(other.weights.equals(job.weights)).toBe(false);
  });

  it('that is run again after its result was published trains nothing and leaves the files as they are', async () => {
    const before = new Map(job.artifacts.files);
    const again = await run(SPEC, blockRows(), {}, job.artifacts);
    expect(again.version).toEqual(job.version);
    expect(again.warnings).toEqual(job.warnings);
    expect(again.progress).toEqual([]);
    expect([...job.artifacts.files].every(([key, bytes]) => before.get(key) === bytes)).toBe(true);
  });

  it('is run anew where the published files are damaged', async () => {
    const damaged = { ...job.artifacts, files: new Map(job.artifacts.files) };
    const weights = `${job.version.artifact}/weights.safetensors`;
    const get = async (key: string) => {
      const bytes = await job.artifacts.get(key);
      return key === weights ? bytes.subarray(1) : bytes;
    };
    const put: string[] = [];
    const artifacts = { ...damaged, get, putFolder: async (key: string) => void put.push(key) };
    const again = await run(SPEC, blockRows(), {}, artifacts);
    expect(again.progress.length).toBeGreaterThan(0);
    expect(put).toEqual([job.version.artifact]);
  });

  it('names other data by another hash', async () => {
    const rows = blockRows();
    rows[0] = { ...rows[0]!, timestamp: rows[0]!.timestamp! + 1 };
    const quick = { ...SPEC, teacher: { ...SPEC.teacher!, epochs: 1 }, distillation: { epochs: 1 } };
    expect((await run(quick, rows)).report.data.hash).not.toBe(job.report.data.hash);
  });

  it('trains on what the job asks for, and says in the report what that was', async () => {
    const times = blockRows().map((row) => row.timestamp!);
    const since = new Date(Math.min(...times) + 5 * 3_600_000).toISOString();
    const { report } = await run({ ...SPEC, dataset: { ...SPEC.dataset, since, sample: { users: 0.9 } } });
    const counted = blockRows()
      .filter(({ timestamp }) => timestamp! >= Date.parse(since))
      .filter(({ user }) => drawOf(`user:${user}`, 42) < 0.9);
    expect(counted.length).toBeLessThan(times.length - 24);
    expect(report.data).toMatchObject({
      interactions: counted.length,
      users: new Set(counted.map(({ user }) => user)).size,
    });
    expect(report.settings.filter).toEqual({ since, sample: { users: 0.9, seed: 42 } });
  });

  it('with types held out tests exactly what was imported for it', async () => {
    const newest = Math.max(...blockRows().map((row) => row.timestamp!)) - 500 * 3_600_000;
    const rows = blockRows().map((row) => ({ ...row, type: row.timestamp! > newest ? 'heldOut' : 'click' }));
    const split = { strategy: 'types', test: 'heldOut', validationFraction: 0 } as const;
    const { report } = await run({ ...SPEC, dataset: { split } }, rows);
    expect(report.data).toMatchObject({ test: 24 * WITHHELD, validation: 0, train: 24 * 9, testUsers: 24 });
    expect(report.data.split).toMatch(/type heldOut are test/);
    // The right answer is what was withheld, in this form of the data too.
    const teacher = report.models.find((ranker) => ranker.name === 'teacher')!;
    expect(teacher.metrics['recall@3']!.value).toBeGreaterThan(0.9);
  });

  it('with a refit reports the same models and publishes one that has learnt from the test pairs too', async () => {
    const refit = await run({ ...SPEC, evaluation: { ...SPEC.evaluation, refit: true } });
    expectMonotone(refit.progress);
    expect(refit.progress.map((p) => p.stage)).toContain('refit');
    expect(refit.weights.equals(job.weights)).toBe(false);
    if (refit.report.backend.deterministic)
      expect(refit.report.comparison.retained).toEqual(job.report.comparison.retained);
    const popularity = async ({ artifacts, version }: Run) =>
      (await loadStudent(artifacts, version.artifact)).weights.popularity.reduce((sum, x) => sum + x, 0);
    // Nine pairs of each user are trained on; the student also reads the one for validation.
    expect([await popularity(job), await popularity(refit)]).toEqual([24 * 10, 24 * 12]);
  });
});

describe('a distillation job that does not end well', () => {
  it.each(['teacher', 'distillation', 'student-alone', 'evaluation', 'publishing'])(
    'leaves no artifact when it is cancelled in the stage %s',
    async (stage) => {
      const stop = new AbortController();
      const error = await run(SPEC, blockRows(), {
        signal: stop.signal,
        onProgress: (p) => void (p.stage === stage && stop.abort()),
      }).catch((e) => e);
      expect(error.code).toBe('cancelled');
      expect(error.artifacts.files.size).toBe(0);
    },
  );

  it('is silent in no stage: each tells of every part that it works on', async () => {
    const { progress } = await run({ ...SPEC, evaluation: { k: [3], refit: true } });
    const reports = (stage: string) => progress.filter((p) => p.stage === stage).length;
    // Epochs; batches of lists and scores, and passes of the factorisation; rankers, twice, and batches of users.
    const least = {
      teacher: 12,
      transfer: 10,
      distillation: 6,
      'student-alone': 15,
      evaluation: 13,
      refit: 5,
    };
    for (const [stage, parts] of Object.entries(least)) {
      expect(reports(stage), stage).toBeGreaterThanOrEqual(parts);
    }
    for (const { etaSeconds, fraction } of progress) {
      if (fraction > 0.1) expect(etaSeconds).toBeGreaterThanOrEqual(0);
    }
  });

  it('leaves no artifact when training diverges, and says that the learning rate is likely too high', async () => {
    const teacher = { ...SPEC.teacher!, learningRate: 10 };
    const error = await run({ ...SPEC, teacher } as DistillationSpec).catch((e) => e);
    expect(error).toMatchObject({ code: 'training-diverged', status: 422, retryable: false });
    expect(error.message).toMatch(/learning rate .*too high/);
    expect(error.artifacts.files.size).toBe(0);
  });

  it('says before any training that nothing can be held out', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ user: `u${i >> 1}`, item: `i${i % 20}` }));
    const error = await run(SPEC, rows).catch((e) => e);
    expect(error).toMatchObject({ code: 'not-enough-data', detail: expect.stringContaining('three pairs') });
    expect(new Set(error.progress.map((p: JobProgress) => p.stage))).toEqual(new Set(['data']));
  });

  it('warns of a student that is larger than its teacher, in the report too', async () => {
    const { report, warned, warnings } = await run({
      ...SPEC,
      teacher: { kind: 'softmax', hidden: [2], epochs: 1, batchSize: 8 },
      student: { kind: 'fold-in', dimensions: 64 },
      distillation: { epochs: 1 },
    });
    // Further ones tell of the little data.
    expect(warned.slice(0, 2)).toEqual([
      expect.stringContaining("exceeds the teacher's narrowest layer 2"),
      expect.stringContaining('not smaller than its teacher'),
    ]);
    expect(report.warnings).toEqual(warned);
    expect(warnings).toEqual(warned);
  });
});

function expectMonotone(progress: readonly JobProgress[]): void {
  const fractions = progress.map((p) => p.fraction);
  expect(fractions[0]).toBe(0);
  expect(fractions.at(-1)).toBe(1);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
}
