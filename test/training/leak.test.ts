import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { TeacherSpec } from '../../src/domain/teachers/teacher-spec.ts';
import type { Row } from '../helpers/data.ts';
import { memoryArtifacts, run, storeOf } from './run-job.ts';

type Run = Awaited<ReturnType<typeof run>>;

const USERS = 120;
const HOUR = 3_600_000;
const TODAY = Date.UTC(2026, 0, 1);

/** Everybody takes 15 of 40 items by chance: there is nothing to learn, so that whoever is right remembers. */
function noise(): Row[] {
  const rng = createRng(11);
  return Array.from({ length: USERS }, (_, user) =>
    rng
      .shuffle(Array.from({ length: 40 }, (_, item) => item))
      .slice(0, 15)
      .map((item, hour) => ({ ...pair(user, item), timestamp: TODAY + hour * HOUR })),
  ).flat();
}

const pair = (user: number, item: number) => ({
  user: `u${String(user).padStart(3, '0')}`,
  item: `i${String(item).padStart(2, '0')}`,
});

const ROWS = noise();
const EASE = { kind: 'ease', lambda: 1 } as const;
const SPEC: DistillationSpec = {
  model: 'leak',
  dataset: { split: { strategy: 'random' } },
  teacher: EASE,
  student: { kind: 'fold-in', dimensions: 4 },
  distillation: { epochs: 1, seed: 1 },
  evaluation: { k: [5], refit: false },
};

const ndcg = ({ models }: Report, name = 'teacher') =>
  models.find((one) => one.name === name)!.metrics['ndcg@5']!.value;

/** A job that knows the version that another one has made. */
function next(before: Run, spec: Partial<DistillationSpec>, rows = ROWS, forgets = false) {
  const version = { ...before.version, version: 1, createdAt: '', aliases: ['stable'] };
  const models = { names: async () => [version.model], versions: async () => [version] };
  const files = [...before.artifacts.files].filter(([name]) => !(forgets && name.endsWith('learned.bin')));
  const job = { ...SPEC, teacher: { model: 'leak' }, ...spec, model: 'next' };
  return run(job, rows, { store: { ...storeOf(rows), models } }, memoryArtifacts(files));
}

describe('a version that teaches over data that it learned from', () => {
  let first: Run;
  let whole: Run;
  beforeAll(async () => {
    first = await run({ ...SPEC, publish: { teacher: true } }, ROWS);
    whole = await run({ ...SPEC, publish: { teacher: true }, evaluation: { k: [5], refit: true } }, ROWS);
  });

  const seed2 = { distillation: { epochs: 1, seed: 2 } };

  it('is no better than it was, whatever the seed of the split; an earlier release remembered its pairs', async () => {
    const honest = await next(first, seed2);
    expect(ndcg(honest.report)).toBeLessThan(ndcg(first.report) + 0.05);
    expect(ndcg(honest.report, 'previous')).toBeLessThan(ndcg(first.report) + 0.05);
    const { takenOut, test, testUsers } = honest.report.data;
    expect(takenOut).toMatchObject({
      versions: [{ model: 'leak', version: 1 }],
      test: { of: 3 * USERS },
    });
    // Of a fifth of the pairs a fifth was test before as well.
    expect(takenOut!.test.taken).toBeGreaterThan(3 * USERS * 0.7);
    expect(test).toBe(3 * USERS - takenOut!.test.taken);
    expect(honest.warned).toContainEqual(
      `Version 1 of leak learned from ${takenOut!.test.taken} of the 360 test pairs: they are history here and no test, which has ${test} pairs of ${testUsers} test users left`,
    );

    const forgetful = await next(first, seed2, ROWS, true);
    expect(ndcg(forgetful.report)).toBeGreaterThan(ndcg(first.report) + 0.15);
    expect(forgetful.report.data.takenOut).toBeUndefined();
    expect(forgetful.warned).toContainEqual(
      expect.stringMatching(/^Version 1 of leak is of an earlier release, which did not keep what/),
    );
  });

  it('keeps its test where data and split are the same, and most of it where they have grown', async () => {
    const same = await next(first, {});
    expect(same.report.data.takenOut).toMatchObject({ test: { taken: 0, of: 360 } });
    expect(ndcg(same.report)).toBe(ndcg(first.report));
    // Users who come before and amid the others, and an item that everybody of them has.
    const others = Array.from({ length: 40 }, (_, user) => [
      { ...pair(user, 40), user: `a${user}`, timestamp: TODAY },
      ...Array.from({ length: 5 }, (_, item) => ({
        ...pair(user, item),
        user: `a${user}`,
        timestamp: TODAY,
      })),
    ]).flat();
    const grown = await next(first, {}, [...others, ...ROWS]);
    expect(grown.report.data.takenOut).toMatchObject({ test: { taken: 0, of: 400 } });
  });

  it('that learned from everything is refused before anything is trained', async () => {
    const error = await next(whole, seed2).catch((reason) => reason);
    expect(error).toMatchObject({
      code: 'not-enough-data',
      detail: expect.stringMatching(
        /^Version 1 of leak learned from 360 of the 360 test and 120 of the 120 validation pairs, so that 0 test users are left where 10 are needed.*interactions that came since.*testSince.*"refit":false/,
      ),
    });
    expect(new Set(error.progress.map(({ stage }: { stage: string }) => stage))).toEqual(new Set(['data']));
  });

  it.each(['teacher', 'student'] as const)('is tested on what came since, by its %s', async (part) => {
    const rng = createRng(5);
    const seen = new Set(ROWS.map(({ user, item }) => `${user} ${item}`));
    const since = Array.from({ length: 3 * USERS }, (_, n) => pair(n % USERS, rng.int(40)))
      .filter(({ user, item }) => !seen.has(`${user} ${item}`))
      .map((row) => ({ ...row, timestamp: TODAY + 1000 * HOUR }));
    const distinct = new Set(since.map(({ user, item }) => `${user} ${item}`)).size;
    const { report, warned } = await next(
      whole,
      { teacher: { model: 'leak', part }, dataset: { split: { strategy: 'last-fraction' } } },
      [...ROWS, ...since],
    );
    const { test, validation, takenOut } = report.data;
    expect(test + validation).toBeLessThanOrEqual(distinct);
    expect(test + validation).toBeGreaterThan(0.7 * distinct);
    // Validation is of what came since, too.
    expect(takenOut!.testToValidation).toBeGreaterThan(10);
    expect(warned.join('\n')).toMatch(/in their place \d+ of the test pairs are used/);
    expect(ndcg(report)).toBeLessThan(ndcg(first.report) + 0.05);
  });

  it('counts as well as one of several teachers, and what it learned from is known of its successor too', async () => {
    const member = { model: 'leak' };
    const both: TeacherSpec = { kind: 'ensemble', members: [member, EASE] };
    const second = await next(first, { ...seed2, teacher: both });
    expect(second.report.data.takenOut!.test.taken).toBeGreaterThan(250);
    // Seed 1 again: what the first had held out was trained on by the second, and what it had not is known by the first.
    const version = { ...second.version, version: 1, createdAt: '', aliases: ['stable'] };
    const models = { names: async () => ['next'], versions: async () => [version] };
    const third = run(
      { ...SPEC, teacher: { model: 'next' }, model: 'third' },
      ROWS,
      { store: { ...storeOf(ROWS), models } },
      second.artifacts,
    );
    const { test, takenOut } = (await third).report.data;
    expect(test + takenOut!.test.taken).toBe(360);
    expect(test).toBeLessThan(360 * 0.35);
  });

  it('keeps what its student learned from where no teacher is stored with it', async () => {
    const alone = await run({ ...SPEC, publish: { teacher: false } }, ROWS);
    const files = [...alone.artifacts.files.keys()];
    expect(files.some((name) => name.includes('/teacher/'))).toBe(false);
    expect(files).toContain('models/leak/job-1/learned.bin');
    const later = await next(alone, { ...seed2, teacher: { model: 'leak', part: 'student' } });
    expect(later.report.data.takenOut!.test.taken).toBeGreaterThan(250);
  });

  it('is refused where the file of what it learned from is damaged', async () => {
    const key = 'models/leak/job-1/learned.bin';
    const bytes = first.artifacts.files.get(key)!;
    const damaged = { ...first, artifacts: memoryArtifacts(first.artifacts.files) };
    damaged.artifacts.files.set(key, bytes.subarray(0, bytes.length - 5));
    await expect(next(damaged, seed2)).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: expect.stringMatching(/learned\.bin.*damaged/),
    });
  });
});
