import { beforeAll, describe, expect, it } from 'vitest';
import { loadLearned } from '../../../../src/artifact/learned.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../../../src/domain/reports/report.ts';
import { twoTasks } from '../../../helpers/two-tasks.ts';
import { memoryArtifacts, run, storeOf } from '../../run-job.ts';
import { QUICK, SPEC, TEACHER } from './jobs.ts';

describe('a version of several tasks that teaches', () => {
  let first: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run(QUICK, twoTasks());
  });

  /** A job that finds the first one's version. */
  function later(spec: Partial<DistillationSpec>, rows = twoTasks(), before = first) {
    const version = {
      ...before.version,
      version: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      aliases: ['stable'],
    };
    const models = { names: async () => ['shop'], versions: async () => [version] };
    const artifacts = memoryArtifacts(before.artifacts.files);
    const store = { ...storeOf(rows), models };
    const { teacher: _, ...rest } = QUICK;
    return run({ ...rest, model: 'later', ...spec }, rows, { store }, artifacts);
  }
  const ofTask = ({ report }: { report: Report }, task: number) =>
    report.tasks![task]!.models.find(({ name }) => name === 'teacher')!.metrics;

  it('keeps the pairs that its models learned from, those that chose among them, and none that tested', async () => {
    const { sets } = (await loadLearned(first.artifacts, first.version.artifact, 'pairs'))!;
    expect(sets.map(({ task }) => task)).toEqual(['buy', 'watch']);
    for (const [i, { teacher, student }] of sets.entries()) {
      const { train, validation } = first.report.tasks![i]!.data;
      expect(validation).toBeGreaterThan(0);
      // There are too few users for newer ones, whose validation pairs stay unknown.
      const known = train + validation;
      expect([teacher.hashes.length, student.hashes.length]).toEqual([known, known]);
    }
  });

  it('keeps pairs that no task predicts beside them, for successors that may', async () => {
    const looks = twoTasks().flatMap((row) => (row.type === 'buy' ? [{ ...row, type: 'look' }] : []));
    const dataset = { ...QUICK.dataset, types: { look: { weight: 0.5 } } };
    const distillation = { ...QUICK.distillation, epochs: 1 };
    const { artifacts, version } = await run(
      { ...QUICK, dataset, distillation, teacher: { kind: 'ease', lambda: 5 } },
      [...twoTasks(), ...looks],
    );
    const { sets } = (await loadLearned(artifacts, version.artifact, 'pairs'))!;
    expect(sets.map(({ task }) => task)).toEqual(['buy', 'watch', null]);
    expect(sets[2]!.student.hashes.length).toBe(looks.length);
  });

  it('has a folder for the teacher of each task', () => {
    const files = [...first.artifacts.files.keys()].filter((key) => key.endsWith('/manifest.json'));
    expect(files.filter((key) => key.includes('/teacher/')).sort()).toEqual([
      'models/shop/job-1/teacher/tasks/buy/manifest.json',
      'models/shop/job-1/teacher/tasks/watch/manifest.json',
    ]);
  });

  it('teaches the tasks of the same names, one of them or all', async () => {
    const one = await later({
      tasks: [{ ...QUICK.tasks![0]!, teacher: { model: 'shop' } }, QUICK.tasks![1]!],
      teacher: { kind: 'ease', lambda: 5 },
    });
    expect(ofTask(one, 0)).toEqual(ofTask(first, 0));
    expect(ofTask(one, 1)).not.toEqual(ofTask(first, 1));
    const { members } = one.report.tasks![0]!.ensemble!;
    expect(members.map(({ share }) => share)).toEqual(
      first.report.tasks![0]!.ensemble!.members.map(({ share }) => expect.closeTo(share, 9)),
    );
  });

  it('teaches over another catalogue, where each reader finds its items again', async () => {
    const rows = [
      ...twoTasks(),
      ...twoTasks().map((row) => ({ ...row, item: row.item.replace('good', 'new') })),
    ];
    const { report, artifacts } = await later({ teacher: { model: 'shop' } }, rows);
    const [own, all] = report.tasks![0]!.ensemble!.members;
    expect(own!.description).toMatch(/of an earlier catalogue$/);
    expect(all!.description).toMatch(/of an earlier catalogue of all behaviours$/);
    // It can teach again.
    const kept = artifacts.files.get('models/later/job-1/teacher/tasks/buy/manifest.json')!;
    expect(JSON.parse(kept.toString()).settings.members.map(({ kind }: { kind: string }) => kind)).toEqual([
      'remapped',
      'remapped',
    ]);
  });

  it('learns from all pairs in a refit, with the shares that the readers had', async () => {
    const refitted = await run({ ...QUICK, evaluation: { k: [3], refit: true } }, twoTasks());
    const settingsOf = ({ artifacts }: typeof refitted) =>
      JSON.parse(artifacts.files.get('models/shop/job-1/teacher/tasks/buy/manifest.json')!.toString());
    const [before, after] = [settingsOf(first), settingsOf(refitted)];
    expect(after.settings.weights).toEqual(before.settings.weights);
    expect(after.sha256).not.toBe(before.sha256);
    // Of the second task alone: the first has a teacher of its own, and so a test.
    const tasks = [{ ...QUICK.tasks![0]!, teacher: TEACHER }, QUICK.tasks![1]!];
    await expect(later({ teacher: { model: 'shop' }, tasks }, twoTasks(), refitted)).rejects.toMatchObject({
      code: 'not-enough-data',
      detail: expect.stringMatching(
        /^Version 1 of shop learned from (\d+) of the \1 test and (\d+) of the \2 validation pairs of the task watch,/,
      ),
    });
  });

  it.each<[Partial<DistillationSpec>, RegExp]>([
    [
      { teacher: { model: 'shop' }, tasks: [{ name: 'purchase', types: ['buy'] }, QUICK.tasks![1]!] },
      /^teacher: version 1 of shop was stored without a teacher for the task purchase .* tasks of the same names/,
    ],
    [
      { teacher: { model: 'shop' }, tasks: SPEC.tasks! },
      /^tasks\[0\]\.reads own does not go with a stored teacher/,
    ],
    [
      {
        teacher: { kind: 'ensemble', members: [{ kind: 'ease', lambda: 5 }, { model: 'shop' }] },
      },
      /^tasks\[0\]\.teacher\.members\[1\] is a stored teacher that reads all behaviours/,
    ],
  ])('refuses %j', async (spec, detail) => {
    await expect(later(spec)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(detail),
    });
  });
});
