import { describe, expect, it } from 'vitest';
import { rowLength } from '../../../../src/dataset/matrix.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import {
  heldEverywhere,
  validationHistories,
} from '../../../../src/training/tasks/several/held-everywhere.ts';
import {
  readTasks,
  searchPairs,
  splitPlans,
  splitTasks,
  taughtPairs,
} from '../../../../src/training/tasks/several/tasks-data.ts';
import type { Row } from '../../../helpers/data.ts';
import { storeOf } from '../../run-job.ts';

/** One user looks at four things and buys three of them; the test purchase is another. */
const rows = (looked: readonly string[]): Row[] => [
  ...looked.map((item, at) => ({ user: 'u', item, type: 'view', timestamp: at + 1 })),
  ...['a', 'b', 'c'].map((item, at) => ({ user: 'u', item, type: 'buy', timestamp: 10 + at })),
  { user: 'u', item: 'new', type: 'buy-test' },
];

async function planned(looked: readonly string[], buySplit?: { strategy: 'types'; test: string }) {
  const spec = completeDistillation({
    model: 'shop',
    dataset: { split: { strategy: 'leave-last-out' } },
    tasks: [
      { name: 'buy', types: ['buy'], ...(buySplit && { split: buySplit }) },
      { name: 'view', types: ['view'] },
    ],
  });
  const dataset = await readTasks({ spec, store: storeOf(rows(looked)) }, spec.tasks!);
  const split = splitTasks(spec, spec.tasks!, dataset, []);
  const held = heldEverywhere(splitPlans(spec, spec.tasks!), split, null);
  return {
    dataset,
    split,
    held,
    names: (matrix: { indices: Int32Array }) =>
      Array.from(matrix.indices, (item) => dataset.items[item]!).sort(),
  };
}

const BY_TYPES = { strategy: 'types', test: 'buy-test' } as const;

describe('validation pairs of a split by types', () => {
  it('are in no behaviour while something is chosen, where the test pairs are in none', async () => {
    const { held, names, ...data } = await planned(['c', 'a', 'b', 'd', 'e'], BY_TYPES);
    expect(names(held[0]!)).toEqual(['c']);
    expect(held[1]).toBeUndefined();
    expect(names(validationHistories({ ...data, held }, 0))).not.toContain('c');
    const search = searchPairs({ ...data, held });
    expect(names(search.own[0]!)).toEqual(['a', 'b']);
    expect(names(search.own[1]!)).toEqual(['a', 'b']);
    const taught = taughtPairs(data);
    expect(names(taught.own[0]!)).toEqual(['a', 'b', 'c']);
    expect(rowLength(taught.own[1]!, 0)).toBe(4);
  });

  it('stay among the looks where the test item was looked at too', async () => {
    const { held } = await planned(['c', 'a', 'b', 'new', 'd', 'e'], BY_TYPES);
    expect(held).toEqual([undefined, undefined]);
  });

  it('stay among the looks where the split goes by time', async () => {
    const { held } = await planned(['c', 'a', 'b', 'd', 'e']);
    expect(held).toEqual([undefined, undefined]);
  });
});
