import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { dequantizeRows } from '../../src/artifact/student/quantize.ts';
import type { RegisteredVersion } from '../../src/domain/answers/model.ts';
import type { StoredItem } from '../../src/domain/data/catalogue.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { Report } from '../../src/domain/reports/report.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { blockOfItem, blockRows, type Row } from '../helpers/data.ts';
import { memoryArtifacts, run, SPEC, storeOf } from './run-job.ts';

type Run = Awaited<ReturnType<typeof run>>;

/**
 * The blocks again, later: two items of the first block are gone, two new ones stand before and amid the old in the order of
 * ids, known to be of a block by their category alone: nobody but two users has seen them.
 */
const GONE = ['item/02', 'item/05'];
const NEW = [
  { itemId: 'item/000', block: 0 },
  { itemId: 'item/200', block: 1 },
];
const LATER = Date.UTC(2026, 3, 1);

function laterRows(): Row[] {
  const rows = blockRows().filter(({ item }) => !GONE.includes(item));
  for (const { itemId, block } of NEW) {
    for (const user of [3, 4])
      rows.push({
        user: `user ${String(12 * block + user).padStart(2, '0')}`,
        item: itemId,
        timestamp: LATER,
      });
  }
  return rows;
}

const blockOf = (itemId: string) =>
  NEW.find((one) => one.itemId === itemId)?.block ?? blockOfItem(Number(itemId.slice(5)));

const catalogue = {
  getItems: async (ids: readonly string[]): Promise<StoredItem[]> =>
    ids.map((itemId) => ({
      itemId,
      title: null,
      categories: [`block ${blockOf(itemId)}`],
      labels: [],
      features: {},
      hidden: false,
      availableFrom: null,
      availableUntil: null,
    })),
};

/** One parameter takes no step: what is there at the end was there at the start. */
const still = { epochs: 1, batchSize: 8, learningRate: 1e-9, seed: 7 };

describe('a version that teaches its successor', () => {
  let first: Run;
  let versions: RegisteredVersion[];
  beforeAll(async () => {
    first = await run();
    versions = [
      { ...first.version, version: 1, createdAt: '2026-01-01T00:00:00.000Z', aliases: ['stable'] },
      { ...first.version, artifact: 'models/blocks/older', version: 2, createdAt: '', aliases: [] },
    ];
    // As an earlier release made it: without its teacher.
    for (const [key, bytes] of [...first.artifacts.files]) {
      if (key.includes('/teacher/')) continue;
      first.artifacts.files.set(key.replace(first.version.artifact, 'models/blocks/older'), bytes);
    }
  });

  /** The next version, on the later data. */
  function next(spec: Partial<DistillationSpec>, rows = laterRows(), store = {}) {
    const models = {
      names: async () => ['blocks'],
      versions: async (name: string) => (name === 'blocks' ? versions : []),
    };
    const stores = { ...storeOf(rows), models, catalogue, ...store };
    return run(
      { ...SPEC, teacher: { model: 'blocks' }, ...spec, model: 'later' },
      rows,
      { store: stores },
      memoryArtifacts(first.artifacts.files),
    );
  }

  async function studentOf(job: Run) {
    const { weights, items } = await loadStudent(job.artifacts, job.version.artifact);
    return { weights, items, scorer: createStudentScorer(weights), rowOf: (id: string) => items.indexOf(id) };
  }

  it('gives a student all of its parameters, each item its own row, wherever it stands now', async () => {
    const job = await next({ teacher: { model: 'blocks', part: 'student' }, distillation: still });
    expect(job.report.settings.distillation).toMatchObject({ transfer: 'all' });
    const [before, after] = [await studentOf(first), await studentOf(job)];
    expect(after.items.slice(0, 3)).toEqual(['item/00', 'item/000', 'item/01']);
    for (const side of ['itemsIn', 'itemsOut'] as const) {
      const [old, now] = [dequantizeRows(before.weights[side]), dequantizeRows(after.weights[side])];
      // Rows are stored in steps of a 127th of their greatest number.
      const rounding = Math.max(...old.map(Math.abs)) / 100;
      const row = (values: Float32Array, at: number) => [...values.subarray(4 * at, 4 * at + 4)];
      for (const id of after.items) {
        if (NEW.some(({ itemId }) => itemId === id)) continue;
        row(now, after.rowOf(id)).forEach((x, k) => {
          expect(Math.abs(x - row(old, before.rowOf(id))[k]!), id).toBeLessThan(rounding);
        });
      }
      // A new item starts as the mean of its category, those of it that are gone too.
      for (const { itemId, block } of NEW) {
        const mean = [0, 0, 0, 0];
        for (const id of before.items.filter((one) => blockOf(one) === block))
          row(old, before.rowOf(id)).forEach((x, k) => {
            mean[k]! += x / 12;
          });
        row(now, after.rowOf(itemId)).forEach((x, k) => {
          expect(Math.abs(x - mean[k]!), itemId).toBeLessThan(rounding);
        });
      }
    }
  });

  it('has its right answers known after the first epoch, those about new items too', async () => {
    const job = await next({ distillation: { ...still, learningRate: 0.01 } });
    const ofTeacher = job.progress.filter(({ stage }) => stage === 'teacher');
    expect(ofTeacher.some(({ epoch }) => epoch !== undefined)).toBe(false);
    const { scorer, items, rowOf } = await studentOf(job);
    for (const [id, block] of [
      ['item/00', 0],
      ['item/200', 1],
    ] as const) {
      const history = [rowOf(id)];
      const { rows } = scorer.recommend(history, [1], 5, history);
      expect([...rows.subarray(0, 5)].map((row) => blockOf(items[row]!))).toEqual(Array(5).fill(block));
    }
    // What taught it is stored with it, for its own successor.
    const files = [...job.artifacts.files.keys()].filter((key) =>
      key.startsWith('models/later/job-1/teacher/'),
    );
    expect(files).toHaveLength(2);
  });

  it('is compared with its successor, on old and on new items, over epochs and seconds', async () => {
    // The version before learned all but the newest fifth, from which test and validation come here.
    const split = { strategy: 'last-fraction', testFraction: 0.1, validationFraction: 0.1 } as const;
    const { report } = await next({
      dataset: { split },
      distillation: { ...still, epochs: 3, learningRate: 0.01 },
    });
    expect([...Compile(Report).Errors(report)]).toEqual([]);
    const { transfer } = report;
    expect(transfer).toMatchObject({
      from: { model: 'blocks', version: 1, part: 'teacher' },
      items: { known: 22, alike: 2, unknown: 0, gone: 2 },
    });
    expect(transfer!.curves.student.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(transfer!.curves['student-alone'].length).toBeGreaterThan(2);
    expect(transfer!.atEqualEpochs).toMatchObject({ epochs: 3 });
    const previous = report.models.find(({ name }) => name === 'previous')!;
    const segment = (of: typeof previous, name: string) => of.segments.find((one) => one.segment === name);
    // New items are the test of four users, and no answer of the version that does not know them.
    expect(segment(previous, 'items:new')).toEqual({
      segment: 'items:new',
      count: 4,
      metrics: { 'recall@5': 0 },
    });
    expect(segment(previous, 'items:old')!.metrics['recall@5']).toBeGreaterThan(0.5);
    const student = report.models.find(({ name }) => name === 'student')!;
    expect(segment(student, 'items:old')!.metrics['recall@5']).toBeGreaterThan(0.5);
    expect(report.comparison.gainOverPrevious).toHaveProperty('ndcg@5');
    expect(report.models[0]!.description).toBe('softmax 32, of an earlier catalogue');
  });

  it('finds a new item that its teacher does not know, from those who have it', async () => {
    const many = Array.from({ length: 10 }, (_, i) => ({
      user: `user ${String(i).padStart(2, '0')}`,
      item: 'item/300',
      timestamp: 0,
    }));
    const store = { catalogue: { getItems: async () => [] } };
    const job = await next(
      { distillation: { epochs: 20, batchSize: 8, seed: 7 } },
      [...laterRows(), ...many],
      store,
    );
    const { scorer, items, rowOf } = await studentOf(job);
    const placeFor = (id: string) => {
      const history = [rowOf(id)];
      const { rows, length } = scorer.recommend(history, [1], items.length, history);
      return [...rows.subarray(0, length)].indexOf(rowOf('item/300'));
    };
    expect(placeFor('item/00')).toBeLessThan(7);
    expect(placeFor('item/20')).toBeGreaterThan(9);
  });

  it.each([
    ['svd', 'teacher'],
    ['items', 'student'],
    ['none', 'student'],
  ] as const)('passes parameters by %s, from its %s', async (transfer, part) => {
    const job = await next({ teacher: { model: 'blocks', part }, distillation: { ...still, transfer } });
    // It takes no step, so that it ends as it started.
    const { metrics } = job.report.models.find(({ name }) => name === 'student')!;
    if (transfer === 'none') expect(metrics['ndcg@5']!.value).toBeLessThan(0.5);
    else expect(metrics['ndcg@5']!.value).toBeGreaterThan(0.55);
  });

  it('keeps frozen layers as they start for as long as they are frozen', async () => {
    const distillation = { ...still, learningRate: 0.05, epochs: 4 };
    const teacher = { model: 'blocks', part: 'student' } as const;
    const before = dequantizeRows((await studentOf(first)).weights.itemsOut);
    const rows = blockRows();
    const changeOf = async (freeze: { layer: string; epochs?: number }[]) => {
      const job = await next({ teacher, distillation: { ...distillation, freeze } }, rows);
      const now = dequantizeRows((await studentOf(job)).weights.itemsOut);
      return Math.max(...now.map((x, at) => Math.abs(x - before[at]!)));
    };
    const frozen = await changeOf([{ layer: 'items' }]);
    expect(frozen).toBeLessThan(1e-6);
    const thawed = await changeOf([{ layer: 'items', epochs: 2 }]);
    expect(thawed).toBeGreaterThan(0.01);
  });

  it.each<[string, Partial<DistillationSpec>, RegExp]>([
    [
      'an unknown model',
      { teacher: { model: 'films' } },
      /teacher\.model: there is no model films; there are: blocks/,
    ],
    ['an unknown version', { teacher: { model: 'blocks', version: 7 } }, /no version 7; it has 1, 2\./],
    [
      'an unknown alias',
      { teacher: { model: 'blocks', alias: 'canary' } },
      /no alias canary; it has stable\./,
    ],
    [
      'no stored teacher',
      { teacher: { model: 'blocks', version: 2 } },
      /stored without its teacher.*"part":"student"/,
    ],
    [
      'another shape',
      {
        teacher: { model: 'blocks', part: 'student' },
        student: { kind: 'fold-in', dimensions: 3 },
        distillation: { ...still, transfer: 'all' },
      },
      /transfer all needs .*student\.dimensions is 3, the published one has 4/,
    ],
    [
      'a layer that is not there',
      {
        teacher: { model: 'blocks', part: 'student' },
        student: { kind: 'fold-in' },
        distillation: { ...still, freeze: [{ layer: 'hidden' }] },
      },
      /distillation\.freeze\[0\]\.layer hidden is none of the student's; it has items, itemsIn/,
    ],
  ])('says what is wrong with %s', async (_what, spec, message) => {
    await expect(next(spec)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(message),
    });
  });

  it('has nothing to teach where no item is the same', async () => {
    const others = laterRows().map((row) => ({ ...row, item: `other ${row.item}` }));
    await expect(next({}, others)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(
        /none of the 24 items of the data is among the 24 of version 1 of blocks/,
      ),
    });
  });

  it('is refused where its stored teacher is damaged', async () => {
    const key = `${first.version.artifact}/teacher/state.safetensors`;
    const whole = first.artifacts.files.get(key)!;
    first.artifacts.files.set(key, whole.subarray(0, 100));
    await expect(next({})).rejects.toMatchObject({ code: 'invalid-artifact', detail: /damaged/ });
    first.artifacts.files.set(key, whole);
  });
});
