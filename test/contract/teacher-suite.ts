import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { type Csr, columnSums, emptyCsr, filterEntries, selectRows } from '../../src/dataset/matrix.ts';
import { findNewItems } from '../../src/dataset/new-items.ts';
import { rankRelevant } from '../../src/evaluation/ranks.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import type { ItemFactors, Teacher, TrainingContext } from '../../src/teacher/contract.ts';
import { restoreTeacher } from '../../src/teacher/registry.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { blockOfItem, blocks, ITEMS, USERS_PER_BLOCK } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';
import { foldedScores, readScores, without } from '../helpers/scores.ts';

export interface TeacherUnderTest {
  name: string;
  /** With settings that suit the block data. */
  train(context: TrainingContext): Promise<Teacher>;
  /** With settings that make the loss explode; left out where nothing can diverge. */
  diverge?(context: TrainingContext): Promise<Teacher>;
  /** False where nothing is drawn at random. */
  seeded?: boolean;
  /** False for teachers that rank alike for everyone. */
  personal?: boolean;
  /** True for teachers of sequences, which get the items of each user in an order that says nothing. */
  inOrder?: boolean;
  /** Share of the top 6 that the linear map must have in common with the teacher, in the mean. */
  linearOverlap: number;
}

const OTHER_USER = USERS_PER_BLOCK;
const SEED = 1;

/** What every teacher promises, on two blocks of users and items with a withheld band as the only right answer. */
export function describeTeacher(subject: TeacherUnderTest): void {
  const { withheld, ...data } = blocks();
  const train = subject.inOrder ? shuffled(data.train) : data.train;
  const personal = subject.personal ?? true;
  let engine: Engine;
  const context = (more: Partial<TrainingContext> = {}): TrainingContext => ({
    engine,
    rng: createRng(SEED),
    train,
    onProgress: () => {},
    signal: new AbortController().signal,
    ...more,
  });

  beforeAll(async () => {
    engine = await testEngine();
  });

  describe(`the ${subject.name} teacher`, () => {
    /** For the tests that only read it. */
    let teacher: Teacher;
    beforeAll(async () => {
      teacher = await subject.train(context());
    });
    afterAll(() => teacher?.dispose());

    it.runIf(personal)('ranks the withheld items of a user before everything else that is unseen', () => {
      const scores = readScores(teacher, train);
      for (let user = 0; user < train.rows; user++) {
        const unseen = without(scores[user]!, train, user);
        const relevant = withheld.indices.subarray(withheld.indptr[user], withheld.indptr[user + 1]);
        const { ranks } = rankRelevant(unseen, relevant);
        expect([...ranks], `user ${user}`).toEqual([0, 1, 2]);
      }
    });

    it.runIf(personal)('answers a history that it never saw from that history', () => {
      // Two items of the second block, and nothing else.
      const stranger: Csr = { ...emptyCsr(1, ITEMS), indptr: Int32Array.of(0, 2) };
      stranger.indices = Int32Array.of(ITEMS - 5, ITEMS - 2);
      stranger.values = Float32Array.of(1, 1);
      const list = topList(without(readScores(teacher, stranger)[0]!, stranger, 0), 5);
      expect([...list].map(blockOfItem)).toEqual([1, 1, 1, 1, 1]);
    });

    it.runIf(personal)('learns an item that is new since the weights that it starts from', async () => {
      const NEW = 0;
      const older = filterEntries(train, (p) => train.indices[p] !== NEW);
      const before = await subject.train(context({ train: older }));
      const newItems = findNewItems(train, columnSums(older));
      expect([...newItems.rows]).toEqual([NEW]);
      const start = { weights: before.state().tensors, newItems };
      const loops: number[] = [];
      const after = await subject.train(context({ start, onProgress: (p) => void loops.push(p.epochs) }));
      const fans = Array.from({ length: USERS_PER_BLOCK }, (_, user) => user);
      const histories = filterEntries(selectRows(train, fans), (p) => train.indices[p] !== NEW);
      for (const row of readScores(after, histories)) {
        expect(row[NEW]!).toBeGreaterThan(Math.max(...row.subarray(ITEMS / 2)));
      }
      expect(after.settings).toEqual(before.settings);
      if (before.epochs > 1) expect(Math.max(...loops)).toBeLessThan(0.6 * before.epochs);
      before.dispose();
      after.dispose();
    });

    it('scores every item of every row with finite numbers, an empty history too', () => {
      const mixed = selectRows(train, [0, OTHER_USER]);
      const histories = { ...mixed, rows: 3, indptr: Int32Array.of(...mixed.indptr, mixed.indptr[2]!) };
      const scores = teacher.scores(histories);
      expect(scores.shape).toEqual([3, ITEMS]);
      expect(Array.from(scores.dataSync()).every(Number.isFinite)).toBe(true);
      scores.dispose();
    });

    it('scores a row the same whatever else is in the batch', () => {
      const together = readScores(teacher, selectRows(train, [3, OTHER_USER, 7]))[1]!;
      const alone = readScores(teacher, selectRows(train, [OTHER_USER]))[0]!;
      together.forEach((score, item) => {
        expect(score).toBeCloseTo(alone[item]!, 4);
      });
    });

    it('has a linear map that ranks much as it does itself', () => {
      const own = readScores(teacher, train);
      const map = teacher.project(identity(ITEMS), ITEMS, train);
      expect(map).toHaveLength(ITEMS * ITEMS);
      const linear = foldedScores({ input: map, output: identity(ITEMS), width: ITEMS }, train);
      // The map is right up to an offset per item: both are compared without their mean over the users.
      const shares = own.map((row, user) => {
        const wanted = centred(row, own);
        const sixth = wanted[topList(wanted, 6)[5]!]!;
        // Where the teacher's scores tie, any of the tied items will do.
        const enough = sixth - 1e-3 * (Math.max(...wanted) - Math.min(...wanted));
        const list = topList(centred(linear[user]!, linear), 6);
        return list.filter((item) => wanted[item]! >= enough).length / 6;
      });
      const mean = shares.reduce((sum, x) => sum + x, 0) / shares.length;
      expect(mean).toBeGreaterThanOrEqual(subject.linearOverlap);
      if (teacher.itemFactors) expectProduct(teacher.itemFactors(train), map);
    });

    it('projects each direction by itself', () => {
      const map = teacher.project(identity(ITEMS), ITEMS, train);
      const direction = Float32Array.from({ length: ITEMS }, (_, i) => Math.sin(i + 1));
      const projected = teacher.project(direction, 1, train);
      for (let i = 0; i < ITEMS; i++) {
        const expected = direction.reduce((sum, x, j) => sum + x * map[i * ITEMS + j]!, 0);
        expect(projected[i]!).toBeCloseTo(expected, 4);
      }
    });

    it('comes back from its state with the same scores to the last bit', () => {
      const again = restoreTeacher(engine, structuredClone(teacher.state()));
      try {
        expect(readScores(again, train)).toEqual(readScores(teacher, train));
        const facts = ({ kind, description, parameters, bytes, epochs }: Teacher) => ({
          ...{ kind, description, parameters, bytes, epochs },
        });
        expect(facts(again)).toEqual(facts(teacher));
        expect(again.state()).toEqual(teacher.state());
      } finally {
        again.dispose();
      }
    });

    it('shows its last hidden layer, if it has one, row by row', () => {
      const hidden = teacher.hidden?.(train);
      if (!hidden) return;
      expect(hidden.shape[0]).toBe(train.rows);
      expect(Array.from(hidden.dataSync()).every(Number.isFinite)).toBe(true);
      hidden.dispose();
    });

    it.runIf(subject.seeded ?? true)('draws other numbers for another seed', async () => {
      const another = await subject.train(context({ rng: createRng(SEED + 1) }));
      expect(readScores(another, train)).not.toEqual(readScores(teacher, train));
      another.dispose();
    });

    it('says what it is and how large', () => {
      expect(teacher.description).toContain(teacher.kind);
      expect(teacher.parameters).toBeGreaterThan(0);
      expect(teacher.bytes).toBeGreaterThanOrEqual(teacher.parameters);
      expect(teacher.epochs).toBeGreaterThan(0);
    });

    it('is the same to the last bit for the same seed, and leaves the histories as they were and no tensor behind', async () => {
      const histories = structuredClone(train);
      const readAll = (read: Teacher) => {
        read.itemFactors?.(train);
        read.project(identity(ITEMS), ITEMS, train);
        read.hidden?.(train).dispose();
        read.state();
        return readScores(read, train);
      };
      // A teacher was trained and read before: cached constants are there, and what comes now is a leak.
      const first = readAll(teacher);
      const before = engine.numTensors();
      const again = await subject.train(context());
      const scores = readAll(again);
      again.dispose();
      expect(engine.numTensors()).toBeLessThanOrEqual(before);
      if (engine.report.deterministic) expect(scores).toEqual(first);
      expect(train).toEqual(histories);
    });

    it('stops when it is told to, and leaves no tensor behind', () =>
      expectNoLeak(async () => {
        const stop = new AbortController();
        const onProgress = vi.fn(() => stop.abort());
        const training = subject.train(context({ signal: stop.signal, onProgress }));
        await expect(training).rejects.toMatchObject({ code: 'cancelled' });
        // Not even to the end of the epoch, which would report again.
        expect(onProgress).toHaveBeenCalledTimes(1);
      }));

    it.runIf(subject.diverge)('fails as diverged instead of giving numbers that mean nothing', () =>
      expectNoLeak(() =>
        expect(subject.diverge!(context())).rejects.toMatchObject({ code: 'training-diverged' }),
      ),
    );
  });
}

function shuffled(histories: Csr): Csr {
  const rng = createRng(9);
  const order = new Int32Array(histories.indices.length);
  for (let row = 0; row < histories.rows; row++) {
    const [from, to] = [histories.indptr[row]!, histories.indptr[row + 1]!];
    order.set(rng.shuffle(Int32Array.from({ length: to - from }, (_, i) => i)), from);
  }
  return { ...histories, order };
}

function centred(row: Float32Array, all: readonly Float32Array[]): Float32Array {
  return row.map((score, item) => score - all.reduce((sum, other) => sum + other[item]!, 0) / all.length);
}

function identity(n: number): Float32Array {
  return Float32Array.from({ length: n * n }, (_, p) => Number(Math.floor(p / n) === p % n));
}

/** The map is input output'. */
function expectProduct({ input, output, width }: ItemFactors, map: Float32Array): void {
  const items = input.length / width;
  expect(output).toHaveLength(input.length);
  for (let i = 0; i < items; i++) {
    for (let j = 0; j < items; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += input[i * width + k]! * output[j * width + k]!;
      expect(map[i * items + j]!).toBeCloseTo(sum, 4);
    }
  }
}
