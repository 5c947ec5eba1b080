import { describe, expect, it } from 'vitest';
import { type Csr, rowLength, unionRows } from '../../../src/dataset/matrix.ts';
import { BLANK, NEWER, TAUGHT, UNSEEN } from '../../../src/dataset/split/history-kinds.ts';
import { holdOutUsers, kindsOfTraining, whyNoUsers } from '../../../src/dataset/split/kinds.ts';
import {
  historyFor,
  knownFor,
  type Split,
  type SplitPlan,
  splitPairs,
  studentHistories,
} from '../../../src/dataset/split/split.ts';
import { csrOf } from '../../helpers/data.ts';

const PLAN: SplitPlan = { strategy: 'leave-last-out' };

const idsOf = (users: number) => Array.from({ length: users }, (_, u) => `user-${u}`);

/** Users with five of eight items each. */
function pairs(users: number) {
  const matrix = csrOf(
    Array.from({ length: users }, (_, u) => Array.from({ length: 8 }, (_, i) => Number((i + u) % 8 < 5))),
  );
  const firstSeen = new Float64Array(matrix.indices.length).fill(Number.NaN);
  return { users: idsOf(users), items: [...'abcdefgh'], matrix, firstSeen };
}

const splitOf = (users: number, plan: SplitPlan = PLAN) => splitPairs(pairs(users), plan, 1);

function drawn(users: number, unseenShare = 0.1) {
  const before = splitOf(users);
  const [split] = holdOutUsers([before], { users: idsOf(users), unseenShare });
  return { before, split: split! };
}

const usersOf = ({ kinds }: Split, kind: number) => [...kinds.keys()].filter((u) => kinds[u] === kind);
const count = (split: Split, kind: number) => usersOf(split, kind).length;
const itemsOf = (m: Csr, u: number) => [...m.indices.subarray(m.indptr[u]!, m.indptr[u + 1]!)];

describe('the kinds of histories', () => {
  it('are a tenth unseen and a quarter of the others newer', () => {
    const { split } = drawn(400);
    expect([count(split, UNSEEN), count(split, NEWER), count(split, TAUGHT)]).toEqual([40, 90, 270]);
  });

  it('are at most 300 unseen and 1,000 newer', () => {
    const { split } = drawn(5000);
    expect([count(split, UNSEEN), count(split, NEWER)]).toEqual([300, 1000]);
  });

  it('are not drawn where they would be fewer than 20', () => {
    const { split, before } = drawn(194);
    expect([count(split, UNSEEN), count(split, NEWER)]).toEqual([0, 49]);
    expect(split.train).toEqual(before.train);
    expect(count(drawn(195).split, UNSEEN)).toBe(20);
    expect(count(drawn(77).split, NEWER)).toBe(0);
    expect(count(drawn(78).split, NEWER)).toBe(20);
  });

  it('say why nobody is unseen, and name a greater share only where it helps', () => {
    const few = (users: number) => `of ${users} test users fewer than 20 would be drawn`;
    expect(whyNoUsers('unseen', drawn(40).split, 0.1)).toBe(
      `${few(40)}; a greater evaluation.unseenUsers draws more`,
    );
    expect(whyNoUsers('unseen', drawn(39).split, 0.1)).toBe(few(39));
    const met = (users: number) => Uint8Array.from({ length: 100 }, (_, u) => Number(u < users));
    const of = (users: number) => whyNoUsers('unseen', { ...splitOf(100), met: met(users) }, 0.1);
    expect(of(80)).toMatch(/as the version that teaches has learned from 80 of them; a greater/);
    expect(of(81)).toMatch(/as the version that teaches has learned from 81 of them$/);
    expect(of(100)).toBe('the version that teaches has learned from all test users');
  });

  it('have no unseen users where their share is 0', () => {
    expect(count(drawn(400, 0).split, UNSEEN)).toBe(0);
    expect(count(drawn(400, 0).split, NEWER)).toBe(100);
  });

  it('follow from the ids, whatever the seed of the split and the order of the users', () => {
    const ids = idsOf(400);
    const reversed = [...ids].reverse();
    const [again] = holdOutUsers([splitPairs(pairs(400), PLAN, 9)], {
      users: reversed,
      unseenShare: 0.1,
    });
    const names = (split: Split, of: string[], kind: number) =>
      usersOf(split, kind)
        .map((u) => of[u])
        .sort();
    const { split } = drawn(400);
    for (const kind of [UNSEEN, NEWER])
      expect(names(again!, reversed, kind)).toEqual(names(split, ids, kind));
  });

  it('take the unseen users out of training and validation, and keep what is known of them', () => {
    const { before, split } = drawn(400);
    for (const u of usersOf(split, UNSEEN)) {
      expect([rowLength(split.train, u), rowLength(split.validation, u)]).toEqual([0, 0]);
      expect(itemsOf(historyFor(split, 'test'), u)).toEqual(itemsOf(historyFor(before, 'test'), u));
      expect(rowLength(studentHistories(split), u)).toBe(0);
    }
    expect(split.test).toEqual(before.test);
    expect(knownFor(split, 'test')).toEqual(knownFor(before, 'test'));
  });

  it('teach the training pairs alone of newer users, and the validation pairs too of the others', () => {
    const { split } = drawn(400);
    const histories = studentHistories(split);
    for (const u of usersOf(split, NEWER)) {
      expect(itemsOf(histories, u)).toEqual(itemsOf(split.train, u));
      expect(itemsOf(historyFor(split, 'test'), u)).toHaveLength(4);
    }
    for (const u of usersOf(split, TAUGHT)) expect(itemsOf(histories, u)).toHaveLength(4);
  });

  it('never recommend validation pairs of unseen users where these are no history', () => {
    const before = { ...splitOf(400), validationIsHistory: false };
    const [split] = holdOutUsers([before], { users: idsOf(400), unseenShare: 0.1 });
    const [u] = usersOf(split!, UNSEEN);
    expect(itemsOf(historyFor(split!, 'test'), u!)).toEqual(itemsOf(before.train, u!));
    expect(knownFor(split!, 'test')).toEqual(knownFor(before, 'test'));
    expect(rowLength(split!.validation, u!)).toBe(0);
    expect(count(split!, NEWER)).toBe(0);
  });

  it('call all test users unseen where the split holds out users', () => {
    const plan: SplitPlan = {
      strategy: 'held-out-users',
      testFraction: 0.3,
      validationFraction: 0.1,
      foldInFraction: 0.8,
    };
    const before = splitOf(50, plan);
    const [split] = holdOutUsers([before], { users: idsOf(50), unseenShare: 0.1 });
    expect(count(split!, UNSEEN)).toBe(15);
    expect(split).toMatchObject({ train: before.train, validation: before.validation });
  });

  it('leave test users without any history to no kind', () => {
    const split = splitOf(3);
    const train = csrOf([Array(8).fill(0), itemsAsRow(split.train, 1), itemsAsRow(split.train, 2)]);
    const validation = csrOf(Array.from({ length: 3 }, () => Array(8).fill(0)));
    const [after] = holdOutUsers([{ ...split, train, validation }], { users: idsOf(3), unseenShare: 0.1 });
    expect([...after!.kinds]).toEqual([BLANK, TAUGHT, TAUGHT]);
  });

  it('leave users whom a stored teacher has met out of the unseen ones', () => {
    const met = Uint8Array.from({ length: 600 }, (_, u) => Number(u < 300));
    const [split] = holdOutUsers([{ ...splitOf(600), met }], { users: idsOf(600), unseenShare: 0.1 });
    const all = usersOf(drawn(600).split, UNSEEN);
    expect(usersOf(split!, UNSEEN)).toEqual(all.filter((u) => u >= 300));
    expect(count(split!, UNSEEN)).toBeGreaterThanOrEqual(20);
  });

  it('are those whom a version left out that was made from the same data', () => {
    const { split: before } = drawn(400);
    const met = before.kinds.map((kind) => Number(kind !== UNSEEN));
    const [after] = holdOutUsers([{ ...splitOf(400), met }], { users: idsOf(400), unseenShare: 0.1 });
    expect(count(after!, UNSEEN)).toBe(40);
    expect(usersOf(after!, UNSEEN)).toEqual(usersOf(before, UNSEEN));
  });

  it('are the same users in all tasks: who is trained on in one is not unseen in another', () => {
    const tasks = [splitOf(400), splitOf(400)];
    const nobody = csrOf(Array.from({ length: 400 }, () => Array(8).fill(0)));
    const onlyTested = { ...tasks[1]!, train: nobody, validation: nobody, foldIn: nobody };
    const [first, second] = holdOutUsers([tasks[0]!, onlyTested], { users: idsOf(400), unseenShare: 0.1 });
    expect(second!.kinds).toEqual(first!.kinds);
    expect(count(second!, UNSEEN)).toBe(40);
  });

  it('are all newer with validation pairs where a student is taught on training pairs alone', () => {
    const { split } = drawn(400);
    const kinds = kindsOfTraining(split);
    const has = (kind: number) => [...kinds].filter((one) => one === kind).length;
    expect([has(UNSEEN), has(NEWER), has(TAUGHT)]).toEqual([40, 360, 0]);
    expect(kindsOfTraining({ ...split, validationIsHistory: false })).toEqual(split.kinds);
  });
});

function itemsAsRow(m: Csr, u: number): number[] {
  const row = Array<number>(m.columns).fill(0);
  for (const item of itemsOf(unionRows(m, m), u)) row[item] = 1;
  return row;
}
