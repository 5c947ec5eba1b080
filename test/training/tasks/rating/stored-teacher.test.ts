import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import type { Row } from '../../../helpers/data.ts';
import { ratedRows, ratingOf, RATING_SPEC as SPEC } from '../../../helpers/rated.ts';
import { memoryArtifacts, SPEC as RANKING, run, storeOf } from '../../run-job.ts';

type Artifacts = ReturnType<typeof memoryArtifacts>;

const SHORT = { ...SPEC.distillation, epochs: 2 };

/** A film that came later, which people of the first kind love. */
const NEW = 'film/99';
const laterRows = (): Row[] => [
  ...ratedRows().filter(({ item }) => item !== 'film/03'),
  ...Array.from({ length: 30 }, (_, user) => ({
    user: `user ${String(user).padStart(2, '0')}`,
    item: NEW,
    type: 'rating',
    value: ratingOf(user, 0),
    timestamp: Date.UTC(2026, 6, 1),
  })),
];

describe('a version of the task rating that teaches a later job', () => {
  let artifacts: Artifacts;
  const version = { bytes: 1, items: 24, dimensions: 4, createdAt: '', jobId: 'job-1', aliases: ['stable'] };

  beforeAll(async () => {
    ({ artifacts } = await run({ ...SPEC, publish: { teacher: true } }, ratedRows()));
  });

  /** @param files what differs from what the first job published */
  function next(
    spec: Partial<DistillationSpec> = {},
    rows = ratedRows(),
    files: [string, Buffer | null][] = [],
    from = artifacts,
  ) {
    const before = new Map(from.files);
    for (const [name, bytes] of files) {
      if (bytes) before.set(`models/films/job-1/${name}`, bytes);
      else before.delete(`models/films/job-1/${name}`);
    }
    const known = {
      ...{ ...version, model: 'films', version: 1, artifact: 'models/films/job-1' },
      summary: { metrics: {}, compressionRatio: 1 },
    };
    const models = {
      names: async () => ['films'],
      versions: async (name: string) => (name === 'films' ? [known] : []),
    };
    const job = { ...SPEC, distillation: SHORT, teacher: { model: 'films' }, ...spec, model: 'later' };
    return run(job, rows, { store: { ...storeOf(rows), models } }, memoryArtifacts(before));
  }

  const json = (name: string) => JSON.parse(artifacts.files.get(`models/films/job-1/${name}`)!.toString());
  const text = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('teaches over the items of today: each its own row, new ones are learned from their ratings', async () => {
    const job = await next({ distillation: SPEC.distillation! }, laterRows());
    const { report } = job;
    const errorOf = (name: string) => report.models.find((one) => one.name === name)!.metrics.rmse!.value;
    expect(report.settings.teacher).toEqual({ kind: 'stored', model: 'films', version: 1, part: 'teacher' });
    expect(errorOf('student')).toBeLessThan(0.6);
    const { weights, items } = await loadStudent(job.artifacts, job.version.artifact);
    const out = new Float32Array(items.length);
    const [loved, other] = [items.indexOf('film/00'), items.indexOf('film/01')];
    createStudentScorer(weights).ratings!.predictAll([loved, other], [5, 1], out);
    expect(items).not.toContain('film/03');
    for (const id of ['film/10', 'film/11', NEW]) {
      const expected = id === NEW ? 5 : ratingOf(0, Number(id.slice(5)));
      expect(out[items.indexOf(id)]! > 3, id).toBe(expected > 3);
    }
    // What taught it is stored with it, for its own successor, in terms of these items.
    expect(job.artifacts.files.has('models/later/job-1/teacher/state.safetensors')).toBe(true);
  });

  it('teaches the student of a refit too', async () => {
    const job = await next({ evaluation: { refit: true } });
    const { weights } = await loadStudent(job.artifacts, job.version.artifact);
    expect(weights.popularity.reduce((sum, n) => sum + n, 0)).toBe(ratedRows().length);
    expect(job.progress.filter(({ stage, epoch }) => stage === 'refit-teacher' && epoch)).toEqual([]);
  });

  it('gives no warning where the data and the split are still the same', async () => {
    expect((await next()).warned.join()).not.toMatch(/[Vv]ersion 1/);
  });

  it.each<[string, Parameters<typeof next>, RegExp]>([
    [
      'other data, split at random',
      [{}, laterRows()],
      /may have learned from ratings that are held out here, so/,
    ],
    [
      'another seed of the split',
      [{ distillation: { ...SHORT, seed: 8 } }],
      /may have learned from ratings that are held out here, so/,
    ],
    [
      'another scale',
      [{ dataset: { ratingScale: { low: 0, high: 5 } } }],
      /learned ratings from 1 to 5, and those of this job go from 0 to 5/,
    ],
  ])('gives a warning of %s', async (_, args, message) => {
    const { warned } = await next(...args);
    expect(warned).toContainEqual(expect.stringMatching(message));
  });

  it('gives a warning of a version that was refitted, whatever the split', async () => {
    const refit = await run({ ...SPEC, distillation: SHORT, evaluation: { refit: true } }, ratedRows());
    const split = { strategy: 'last-fraction' } as const;
    const { warned } = await next({ dataset: { split } }, ratedRows(), [], refit.artifacts);
    expect(warned).toContainEqual(expect.stringMatching(/as it was refitted on all data of its time/));
  });

  it('gives no warning of later data that is split in time', async () => {
    const { warned } = await next({ dataset: { split: { strategy: 'last-fraction' } } }, laterRows());
    expect(warned.join()).not.toMatch(/[Vv]ersion 1/);
  });

  it.each<[string, () => ReturnType<typeof next>, string, RegExp]>([
    [
      'items that are all others',
      () =>
        next(
          {},
          ratedRows().map((row) => ({ ...row, item: `other ${row.item}` })),
        ),
      'invalid-job',
      /none of the 24 items of the data is among the 24 of version 1 of films/,
    ],
    [
      'a version without its teacher',
      () => next({}, ratedRows(), [['teacher/manifest.json', null]]),
      'invalid-job',
      /version 1 of films was stored without its teacher/,
    ],
    [
      'settings that are none',
      () => {
        const manifest = json('teacher/manifest.json');
        const odd = { ...manifest, settings: { ...manifest.settings, learningRate: 'fast' } };
        return next({}, ratedRows(), [['teacher/manifest.json', text(odd)]]);
      },
      'invalid-artifact',
      /settings\/learningRate must be number/,
    ],
    [
      'a job that ranks items',
      () => next({ task: 'single-label' }),
      'invalid-job',
      /predicts ratings, which says nothing of what a user takes next/,
    ],
  ])('is refused for %s', async (_, job, code, message) => {
    await expect(job()).rejects.toMatchObject({ code, detail: expect.stringMatching(message) });
  });

  it('is refused where the version ranks items', async () => {
    const ranking = await run();
    const known = { ...ranking.version, version: 1, createdAt: '', aliases: ['stable'] };
    const models = { names: async () => ['blocks'], versions: async () => [known] };
    const job = run(
      { ...SPEC, teacher: { model: RANKING.model } },
      ratedRows(),
      { store: { ...storeOf(ratedRows()), models } },
      ranking.artifacts,
    );
    await expect(job).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(
        /version 1 of blocks ranks items, which says nothing of how a user rates; name a version of the task rating/,
      ),
    });
  });
});
