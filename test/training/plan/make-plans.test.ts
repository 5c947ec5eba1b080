import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import { expandStudents } from '../../../src/domain/jobs/expand-students.ts';
import { createStore } from '../../../src/store/create-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { makePlans } from '../../../src/training/plan/make-plans.ts';
import { interaction, item, temporaryFolder } from '../../helpers/store.ts';
import { memoryArtifacts } from '../run-job.ts';

const USERS = 60;
const ITEMS = 40;

let store: Store;
beforeEach(async () => {
  store = await createStore(`sqlite:${await temporaryFolder()}/test.db`);
  onTestFinished(() => store.close());
  const rows = Array.from({ length: USERS * 10 }, (_, i) => {
    const user = Math.floor(i / 10);
    return interaction({
      userId: `u${user}`,
      itemId: `i${(user * 3 + (i % 10)) % ITEMS}`,
      type: i % 10 === 9 ? 'wave' : i % 10 > 5 ? 'rating' : 'click',
      value: i % 10 > 5 && i % 10 < 9 ? (i % 3) + 3 : null,
      timestamp: i % 10 === 7 ? null : 1_767_225_600_000 + i * 60_000,
    });
  });
  await store.interactions.add(rows);
  await store.catalogue.putItems([
    item('i1', { categories: ['Drama'], features: { year: 1990 } }),
    item('i2', { features: { year: 'late' } }),
    item('i3', { features: { year: 2001 } }),
  ]);
});

const plan = (requested: DistillationSpec, mostRows?: number) =>
  makePlans(
    { store, artifacts: memoryArtifacts() },
    { requested, specs: expandStudents(requested).map(completeDistillation) },
    mostRows,
  );

describe('the plan of a job', () => {
  it('checks the data as the trainer will read them', async () => {
    const [found] = await plan({ model: 'm' });
    expect(found).toMatchObject({ runs: true, problems: [] });
    expect(found!.data).toMatchObject({
      isWhole: true,
      lookedAt: 600,
      rows: 600,
      users: USERS,
      items: ITEMS,
      minimum: { isMet: true },
      undated: { rows: 60, share: 0.1 },
      first: '2026-01-01T00:00:00.000Z',
      types: [
        { type: 'click', rows: 360, meaning: 'positive', from: 'usual' },
        {
          type: 'rating',
          rows: 180,
          meaning: 'positive',
          from: 'usual',
          values: { rows: 180, low: 3, high: 5 },
        },
        { type: 'wave', rows: 60, meaning: 'unknown', from: 'nobody' },
      ],
    });
    expect(found!.data!.columns).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ of: 'items', field: 'features.year', readAs: 'number', said: 1 }),
      ]),
    );
    expect(found!.data!.columns.find(({ field }) => field === 'features.year')!.warning).toMatch(/"late"/);
    expect(found!.warnings).toContainEqual(expect.stringMatching(/Nobody says what wave means/));
    expect(found!.expected.seconds).toBeGreaterThan(0);
    expect(found!.expected.memoryMiB).toBeGreaterThan(100);
  });

  it('has a reason for everything that a request leaves open, and none for what it names', async () => {
    const complete = completeDistillation({ model: 'm' });
    const { type: _, model: __, ...open } = complete;
    const leaves = (value: object, at: string): string[] =>
      Object.entries(value).flatMap(([name, one]) =>
        typeof one === 'object' && one !== null && !Array.isArray(one) && !('strategy' in one) && at === ''
          ? leaves(one, `${name}.`)
          : [`${at}${name}`],
      );
    const [found] = await plan({ model: 'm' });
    const told = found!.defaults.map(({ field }) => field);
    for (const leaf of leaves(open, '')) {
      expect(
        told.some((field) => leaf === field || leaf.startsWith(`${field}.`)),
        leaf,
      ).toBe(true);
    }
    expect(new Set(told).size).toBe(told.length);
    const user = found!.defaults.find(({ field }) => field === 'student.user')!;
    expect(user.decidedBy).toBe('validation');
    expect(user.choices!.length).toBeGreaterThan(1);
    const [named] = await plan({
      model: 'm',
      teacher: { kind: 'ease' },
      student: { kind: 'fold-in', dimensions: 4, user: 'summed' },
    });
    const left = named!.defaults.map(({ field }) => field);
    expect(left).not.toContain('teacher');
    expect(left).not.toContain('student.dimensions');
    expect(left).not.toContain('student.user');
    expect(left).toContain('student.quantization');
  });

  it.each<[string, DistillationSpec, string, RegExp]>([
    [
      'too little',
      { model: 'm', dataset: { types: { wave: {} }, sample: { users: 0.01 } } },
      'not-enough-data',
      /./,
    ],
    [
      'bytes that no student fits',
      { model: 'm', student: { kind: 'fold-in', mostBytes: 100 } },
      'invalid-job',
      /student\.mostBytes 100 is less than the \d+ bytes .* 40 items/,
    ],
    [
      'more codes than items',
      { model: 'm', student: { kind: 'fold-in', quantization: 'pq', codes: 200 } },
      'invalid-job',
      /student\.codes 200 exceeds the 40 items/,
    ],
    ['a version that there is not', { model: 'm', teacher: { model: 'x' } }, 'invalid-job', /teacher\.model/],
  ])('says what is wrong with %s', async (_, spec, code, detail) => {
    const [found] = await plan(spec);
    expect(found!.runs).toBe(false);
    expect(found!.problems).toEqual([
      expect.objectContaining({ code, detail: expect.stringMatching(detail) }),
    ]);
    expect(found!.problems[0]!.field).toBe(
      code === 'not-enough-data'
        ? null
        : detail.source.startsWith('teacher')
          ? 'teacher.model'
          : found!.problems[0]!.detail.split(' ')[0],
    );
    expect(found!.expected.seconds).toBeNull();
    expect(found!.data).not.toBeNull();
  });

  it('reads a part of much data, and estimates the rest by it', async () => {
    const [whole] = await plan({ model: 'm' });
    const [some] = await plan({ model: 'm' }, 300);
    expect(some!.data).toMatchObject({ isWhole: false, rows: 600 });
    expect(some!.data!.lookedAt).toBeLessThan(600);
    for (const field of ['users', 'items', 'pairs', 'trainPairs'] as const) {
      const times = some!.data![field]! / whole!.data![field]!;
      expect(times, field).toBeGreaterThan(0.7);
      expect(times, field).toBeLessThan(1.4);
    }
    expect(some!.settings!.student).toEqual(whole!.settings!.student);
  });

  it('plans every task', async () => {
    const rating = (await plan({ model: 'm', task: 'rating' }))[0]!;
    expect(rating).toMatchObject({ runs: true, settings: { teacher: { objective: 'svd++' } } });
    expect(rating.data).toMatchObject({ pairs: 180 });
    const clicks = { sequential: { task: 'sequential', dataset: { types: { rating: {} } } } } as const;
    expect((await plan({ model: 'm', ...clicks.sequential }))[0]!.spec.student!.kind).toBe('sequential');
    const several = await plan({
      model: 'm',
      tasks: [
        { name: 'click', types: ['click'] },
        { name: 'rate', types: ['rating'] },
      ],
    });
    expect(several[0]).toMatchObject({
      runs: true,
      settings: { tasks: [{ name: 'click' }, { name: 'rate' }] },
    });
    expect(several[0]!.expected.stages.map(({ stage }) => stage)).toContain('single-task');
  });

  it('tells of each student of a search, whose followers have a teacher', async () => {
    const plans = await plan({ model: 'm', search: { dimensions: [4, 8], bytes: [1200] } });
    expect(plans.map((one) => one.students.length)).toEqual([3, 0, 0]);
    const { students } = plans[0]!;
    expect(students.map(({ dimensions }) => dimensions).slice(0, 2)).toEqual([8, 4]);
    expect(students[2]!.bytes).toBeLessThanOrEqual(1200);
    expect(students[1]!.seconds).toBeLessThan(students[0]!.seconds!);
    const refused = await plan({ model: 'm', search: { bytes: [100, 90_000] } });
    expect(refused[0]!.problems).toHaveLength(1);
  });
});
