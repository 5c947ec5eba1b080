import { beforeEach, describe, expect, test } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { usualEvent } from '../../../src/domain/data/usual-events.ts';
import { type ChangeSignal, createChanges } from '../../../src/serving/caches/changes.ts';
import { createHistories } from '../../../src/serving/caches/histories.ts';
import { createHistoryFold, MOST_ROWS } from '../../../src/serving/caches/history.ts';
import type { HistoryRow } from '../../../src/store/data/contract.ts';

const row = (itemId: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  itemId,
  type: 'click',
  value: null,
  timestamp: null,
  ...more,
});

let rows: Record<string, HistoryRow[]>;
let asked: string[];
let isHeard: boolean;
let sent: ChangeSignal[];
let hear: (signal: ChangeSignal) => void;

const store = {
  async history(userId: string) {
    asked.push(userId);
    return rows[userId] ?? [];
  },
};

function listen() {
  return createChanges({
    async publish(signal) {
      sent.push(signal);
    },
    subscribe(listener) {
      hear = listener;
      return () => {};
    },
    listening: () => isHeard,
    onGap: () => () => {},
  });
}

beforeEach(() => {
  rows = {};
  asked = [];
  sent = [];
  isHeard = true;
});

describe('a long history', () => {
  test('is read on, and a row of which nothing new follows is left out', async () => {
    const clicks = Array.from({ length: 2_500 }, (_, i) => row('again', { timestamp: 10_000 - i }));
    const older = [
      row('again', { type: 'view', timestamp: 9 }),
      row('again', { value: 3, timestamp: 8 }),
      row('old', { timestamp: 7 }),
      row('again'),
    ];
    rows.u = [...clicks, ...older];
    const limits: number[] = [];
    const histories = createHistories({
      async history(userId, limit) {
        limits.push(limit);
        return rows[userId]!.slice(0, limit);
      },
    });
    // One without a time never ages: it may weigh more than a newer one that does.
    expect(await histories.of('u')).toEqual([clicks[0], ...older]);
    expect(limits).toEqual([2_000, MOST_ROWS]);
  });

  test('keeps the repeats of a type that a loaded version adds up, also where they were left out before', async () => {
    rows.u = Array.from({ length: 2_500 }, (_, i) => row('again', { timestamp: 10_000 - i }));
    const histories = createHistories(store, listen());
    expect(await histories.of('u')).toHaveLength(1);
    const click = { ...usualEvent('click')!, repeats: 'sum' as const };
    histories.heed({ events: { view: usualEvent('view')!, click } });
    expect(await histories.of('u')).toEqual(rows.u);
    histories.heed({ events: { click } });
    expect(histories.kept('u')).not.toBeNull();
  });

  test('is read once where it is short, and as it is', async () => {
    rows.u = [row('a'), row('a')];
    expect(await createHistories(store).of('u')).toEqual(rows.u);
    expect(asked).toEqual(['u']);
  });
});

describe('the cache of histories', () => {
  test('gives back every row as the database had it', async () => {
    const rng = createRng(3);
    const any = <T>(...values: T[]) => values[rng.int(values.length)]!;
    for (let user = 0; user < 60; user++) {
      const types = any(['click'], ['click', 'view', 'rating']);
      const values = any([null], [null, 4.5, -1e300, 0]);
      rows[`u${user}`] = Array.from({ length: 1 + rng.int(80) }, () =>
        row(`item-${rng.int(40)}`, {
          type: any(...types),
          value: any<number | null>(...values),
          timestamp: any<number | null>(null, 0, 1_780_000_000_123, -5, 8.64e15),
        }),
      );
    }
    const histories = createHistories(store, listen());
    for (const [user, expected] of Object.entries(rows)) expect(await histories.of(user)).toEqual(expected);
    expect(asked).toHaveLength(60);
    for (const [user, expected] of Object.entries(rows)) expect(histories.of(user)).toEqual(expected);
    expect(asked).toHaveLength(60);
  });

  test('is folded from its columns as from rows, also after its texts were numbered anew', async () => {
    const rng = createRng(4);
    const any = <T>(...values: T[]) => values[rng.int(values.length)]!;
    for (let user = 0; user < 80; user++) {
      rows[`u${user}`] = Array.from({ length: 1 + rng.int(60) }, () =>
        row(`item-${rng.int(60)}`, {
          type: any('click', 'view', 'rating'),
          value: any(null, 5, 1),
          timestamp: any(null, 0, 86_400_000),
        }),
      );
    }
    const rowOf = new Map(Array.from({ length: 40 }, (_, i) => [`item-${i}`, 39 - i]));
    const weighting = {
      types: { view: { weight: 0.5 }, rating: { weight: 2, minValue: 4 } },
      otherTypes: 1,
      halfLifeDays: 3,
    };
    const histories = createHistories(store, listen(), 50);
    for (const rated of [false, true]) {
      const fold = createHistoryFold(rowOf, weighting, { rated });
      const folded = (history: Parameters<typeof fold>[0], seenTypes?: Set<string>) => {
        const { rows, weights, seen } = fold(history, 4 * 86_400_000, seenTypes);
        return [[...rows], [...weights], [...seen]];
      };
      let compared = 0;
      for (const [user, history] of Object.entries(rows)) {
        await histories.of(user);
        const kept = histories.kept(user);
        if (!kept) continue;
        compared++;
        const seenTypes = any(undefined, new Set(['view']));
        expect(folded(kept, seenTypes)).toEqual(folded(history, seenTypes));
      }
      expect(compared).toBeGreaterThan(40);
    }
    isHeard = false;
    expect(histories.kept('u79')).toBeNull();
  });

  test('forgets who writes here at once, and who writes elsewhere when the signal comes', async () => {
    const changes = listen();
    const histories = createHistories(store, changes);
    rows.u = [row('a')];
    await histories.of('u');
    rows.u = [row('b'), row('a')];
    changes.users(['u']);
    expect(await histories.of('u')).toEqual(rows.u);
    rows.u = [row('c')];
    hear({ kind: 'histories', users: ['u'] });
    expect(await histories.of('u')).toEqual(rows.u);
    rows.u = [];
    hear({ kind: 'histories', users: null });
    expect(await histories.of('u')).toEqual([]);
  });

  test('does not keep what was written over while it was read', async () => {
    const changes = listen();
    const histories = createHistories(store, changes);
    rows.u = [row('a')];
    const reading = histories.of('u');
    changes.users(['u']);
    await reading;
    rows.u = [row('b')];
    expect(await histories.of('u')).toEqual(rows.u);
  });

  test('keeps nothing while changes are not heard of, and nothing of users without a history', async () => {
    const histories = createHistories(store, listen());
    await histories.of('nobody');
    await histories.of('nobody');
    expect(asked).toEqual(['nobody', 'nobody']);
    rows.u = [row('a')];
    await histories.of('u');
    isHeard = false;
    rows.u = [row('b')];
    expect(await histories.of('u')).toEqual(rows.u);
    expect(await createHistories(store).of('u')).toEqual(rows.u);
  });
});

describe('signals of changes', () => {
  test('writes that end together are told of together, and their echo makes nobody forget', async () => {
    const changes = listen();
    const heard: unknown[] = [];
    changes.subscribe({ users: (users) => heard.push(users) });
    changes.users(['a', 'b']);
    changes.users(['b', 'c']);
    changes.users([]);
    await Promise.resolve();
    expect(sent).toEqual([{ kind: 'histories', users: ['a', 'b', 'c'], from: expect.any(String) }]);
    expect(heard).toEqual([['a', 'b'], ['b', 'c'], []]);
    hear(sent[0]!);
    expect(heard).toHaveLength(3);
    hear({ kind: 'histories', users: ['a'], from: 'another process' });
    changes.users(['d']);
    await Promise.resolve();
    expect(heard.slice(3)).toEqual([['a'], ['d']]);
    expect(sent.slice(1)).toMatchObject([{ users: ['d'] }]);
  });
});
