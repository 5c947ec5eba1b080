import { describe, expect, it } from 'vitest';
import { buildDataset } from '../../../src/dataset/build.ts';
import { positionsInOrder } from '../../../src/dataset/split/places.ts';
import { usuallyMeant } from '../../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import { createHistoryFold } from '../../../src/serving/caches/history.ts';
import { planMeanings } from '../../../src/training/run/plan-job.ts';
import { blockRows, type Row, sourceOf } from '../../helpers/data.ts';

type Said = [item: string, type: string, value?: number];

/** One thing after the other, and the items that count then, the oldest first. */
const HISTORIES: Record<string, { said: Said[]; order: string[] }> = {
  'a repeat': {
    said: [
      ['a', 'click'],
      ['b', 'click'],
      ['a', 'click'],
    ],
    order: ['b', 'a'],
  },
  'a return of a part': {
    said: [
      ['a', 'purchase', 3],
      ['b', 'click'],
      ['a', 'return', 1],
    ],
    order: ['b', 'a'],
  },
  'a return of all': {
    said: [
      ['a', 'purchase', 3],
      ['b', 'click'],
      ['a', 'return'],
    ],
    order: ['b'],
  },
  'a click that a return of a part does not touch': {
    said: [
      ['a', 'purchase', 3],
      ['a', 'click'],
      ['b', 'click'],
      ['a', 'return', 2.9],
    ],
    order: ['b', 'a'],
  },
  'a dislike that is taken back': {
    said: [
      ['a', 'click'],
      ['a', 'dislike'],
      ['b', 'click'],
      ['a', 'undislike'],
    ],
    order: ['b', 'a'],
  },
  'an impression afterwards': {
    said: [
      ['a', 'click'],
      ['b', 'click'],
      ['a', 'impression'],
    ],
    order: ['a', 'b'],
  },
  'a rating of 3 after a 5': {
    said: [
      ['a', 'rating', 5],
      ['b', 'click'],
      ['a', 'rating', 3],
    ],
    order: ['b'],
  },
  'an unlike of what was clicked too': {
    said: [
      ['a', 'click'],
      ['a', 'like'],
      ['b', 'click'],
      ['a', 'unlike'],
    ],
    order: ['a', 'b'],
  },
};

const rowsOf = (said: readonly Said[]): Row[] =>
  said.map(([item, type, value], i) => ({
    ...{ user: 'u', item, type, timestamp: 1000 + i },
    ...(value !== undefined && { value }),
  }));

describe.each(Object.entries(HISTORIES))('the order of a history with %s', (_, { said, order }) => {
  const rows = rowsOf(said);
  const types = [...new Set(said.map(([, type]) => type)), 'click'];
  const { weighting } = planMeanings(completeDistillation({ model: 'm' }), types, usuallyMeant);

  it('is this one in training', async () => {
    // Somebody else keeps both in the data set.
    const others: Row[] = ['a', 'b'].map((item) => ({ user: 'v', item, timestamp: 1 }));
    const source = sourceOf([...rows, ...others, ...blockRows()]);
    const { users, items, matrix } = await buildDataset(source, weighting, { inOrder: true });
    const places = positionsInOrder(matrix, users.indexOf('u'));
    expect(Array.from(places, (p) => items[matrix.indices[p]!])).toEqual(order);
  });

  it('is the same in serving', () => {
    const ids = ['a', 'b'];
    const fold = createHistoryFold(new Map(ids.map((id, row) => [id, row])), weighting);
    const history = rows.map(({ item, type, value, timestamp }) => ({
      ...{ itemId: item, type: type!, value: value ?? null, timestamp: timestamp! },
    }));
    const { rows: folded } = fold(history.reverse(), 2000);
    expect(Array.from(folded, (row) => ids[row]).reverse()).toEqual(order);
  });
});
