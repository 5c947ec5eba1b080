import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { splitPairs } from '../../../../src/dataset/split/split.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import type { Engine } from '../../../../src/tensor/engine.ts';
import { chooseRecency } from '../../../../src/training/tasks/ranking/choose-recency.ts';
import { csrOf } from '../../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../../helpers/engine.ts';

const USERS = 300;
const ITEMS = 40;
const TASTES = 4;
/** Each user has eight items of one taste and eight of another. */
const tastesOf = (user: number) => [user % TASTES, (user + 1 + (user % 3)) % TASTES];
const draws = createRng(4);
const rows = Array.from({ length: USERS }, (_, user) => {
  const had = tastesOf(user).map((taste) =>
    draws.shuffle(Array.from({ length: 10 }, (_, i) => TASTES * i + taste)).slice(0, 8),
  );
  return Array.from({ length: ITEMS }, (_, item) => Number(had.some((own) => own.includes(item))));
});
const matrix = csrOf(rows);
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

/** @param timeOf the moment of a pair by the user's first or second taste, and by a draw */
function splitOf(timeOf: (isSecond: boolean, draw: number) => number) {
  const times = Float64Array.from(matrix.indices, (item, p) => {
    let user = 0;
    while (matrix.indptr[user + 1]! <= p) user++;
    return timeOf(item % TASTES === tastesOf(user)[1], createRng(p).next());
  });
  const pairs = { users: names(USERS), items: names(ITEMS), matrix, firstSeen: times, lastSeen: times };
  const { dataset } = completeDistillation({
    model: 'm',
    dataset: { split: { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.15 } },
  });
  return splitPairs(pairs as never, dataset.split, 3);
}
/** All of the second taste came after the first. */
const drifting = splitOf((isSecond, draw) => Number(isSecond) + draw);
const steady = splitOf((_, draw) => draw);

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const choose = (split = drifting, more: Partial<DistillationSpec> = {}, found: object = {}) => {
  const spec = completeDistillation({ model: 'm', ...more });
  const run = { engine, signal: new AbortController().signal, spec };
  return chooseRecency(run, split, found as never, {} as never, createRng(1));
};

describe('the choice of how much less older items say', () => {
  it('is made on validation: where tastes drift they say less, where they do not nothing changes', async () => {
    await expectNoLeak(async () => {
      const { recency, tried } = await choose();
      expect(tried!.map((trial) => trial.recency)).toEqual([1, 0.98, 0.95, 0.9]);
      expect(recency).toBe(0.9);
      expect(tried!.at(-1)!.metric).toBeGreaterThan(1.1 * tried![0]!.metric);
      const same = await choose(steady);
      expect(same.recency).toBeUndefined();
      expect(same.tried).toHaveLength(4);
    });
  });

  it('is that of the job, or of the version that teaches, where there is one', async () => {
    expect(await choose(drifting, { student: { kind: 'fold-in', recency: 0.7 } })).toEqual({ recency: 0.7 });
    expect(await choose(drifting, { student: { kind: 'fold-in', recency: 1 } })).toEqual({});
    const taught = (weights: object) => ({ stored: { previous: { weights } } });
    expect(await choose(drifting, {}, taught({ recency: 0.95 }))).toEqual({ recency: 0.95 });
    expect(await choose(drifting, {}, taught({}))).toEqual({});
  });

  it('is not made without times, validation pairs or an order that may be read', async () => {
    const empty = { ...drifting.validation, indptr: new Int32Array(USERS + 1), indices: new Int32Array(0) };
    expect(await choose({ ...drifting, validation: empty })).toEqual({});
    expect(await choose(splitOf(() => Number.NaN))).toEqual({});
    expect(await choose(drifting, { task: 'sequential' })).toEqual({});
    expect(await choose(drifting, { evaluation: { coldItems: 0.1 } })).toEqual({});
    expect(await choose(drifting, {}, { imported: {} })).toEqual({});
  });

  it('ends when the job is cancelled', async () => {
    const control = new AbortController();
    control.abort();
    const run = { engine, signal: control.signal, spec: completeDistillation({ model: 'm' }) };
    await expect(chooseRecency(run, drifting, {}, {} as never, createRng(1))).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
