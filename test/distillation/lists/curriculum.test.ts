import { describe, expect, it } from 'vitest';
import {
  type CurriculumMember,
  createCurriculum,
  discrepancy,
  PLACES,
} from '../../../src/distillation/lists/curriculum.ts';
import type { TeacherOutputs } from '../../../src/distillation/lists/teacher-outputs.ts';

const K = 4;

function outputs(...lists: number[][]): TeacherOutputs {
  return {
    users: lists.length,
    k: K,
    ownItems: 'hidden',
    ids: Int32Array.from(lists.flatMap((list) => [...list, ...Array<number>(K - list.length).fill(-1)])),
    scores: new Float32Array(lists.length * K),
    mean: new Float32Array(lists.length),
    deviation: new Float32Array(lists.length).fill(1),
  };
}

function studentOf(...lists: number[][]): Int32Array {
  const ids = new Int32Array(lists.length * PLACES).fill(-1);
  lists.forEach((list, user) => void ids.set(list, user * PLACES));
  return ids;
}

const EASY = [0, 1, 2, 3];
const HARDER = [4, 5, 6, 7];
const HARDEST = [8, 9, 10, 11];

/** One member that went through three stops, and one that always knew what it knows; two users. */
const members = (): CurriculumMember[] => [
  {
    share: 0.5,
    stops: [
      { epoch: 1, lists: outputs(EASY, EASY) },
      { epoch: 2, lists: outputs(HARDER, HARDER) },
      { epoch: 4, lists: outputs(HARDEST, HARDEST) },
    ],
  },
  { share: 0.5, stops: [{ epoch: 1, lists: outputs([20], []) }] },
];

const curriculumOf = (epochs = 40) => createCurriculum(members(), { constant: 60, epochs, k: K });
const listOf = ({ ids, k }: TeacherOutputs, user: number) =>
  Array.from(ids.subarray(user * k, (user + 1) * k));

describe('the distance of a student from a list', () => {
  it('is 0 for the same order, 1 for nothing in common, and between by the gains of their ranks', () => {
    const lists = outputs([7, 8]);
    expect(discrepancy(lists, 0, studentOf([7, 8]))).toBeCloseTo(0);
    expect(discrepancy(lists, 0, studentOf([1, 2]))).toBe(1);
    const gain = (rank: number) => 2 ** Math.exp(-rank / 10) - 1;
    const ideal = gain(0) + gain(1) / Math.log2(3);
    expect(discrepancy(lists, 0, studentOf([8, 7]))).toBeCloseTo(
      1 - (gain(1) + gain(0) / Math.log2(3)) / ideal,
    );
    expect(discrepancy(outputs([]), 0, studentOf([1]))).toBe(0);
  });
});

describe('a curriculum', () => {
  it('begins with what is easy, fused by reciprocal ranks', () => {
    const { lists } = curriculumOf();
    // Each member's first item has the same rank; the smaller id comes first.
    expect(listOf(lists, 0)).toEqual([0, 20, 1, 2]);
    expect(listOf(lists, 1)).toEqual(EASY);
    expect(lists.scores[0]!).toBeCloseTo(0.5 / 61);
  });

  it('moves a user on when the student has come nearer to what is next, and only then', () => {
    const curriculum = curriculumOf();
    curriculum.move(2, studentOf(EASY, EASY));
    expect(listOf(curriculum.lists, 1)).toEqual(EASY);
    curriculum.move(4, studentOf(EASY, [4, 1, 2, 3]));
    expect(listOf(curriculum.lists, 0)).toEqual([0, 20, 1, 2]);
    expect(listOf(curriculum.lists, 1)).toEqual(HARDER);
    curriculum.move(6, studentOf(EASY, [8, 9, 4, 5]));
    expect(listOf(curriculum.lists, 1)).toEqual(HARDEST);
    expect(curriculum.report()).toEqual({
      stops: [[1, 2, 4], [1]],
      moves: [
        { epoch: 2, reached: [0, 1] },
        { epoch: 4, reached: [0.25, 1] },
        { epoch: 6, reached: [0.5, 1] },
      ],
    });
  });

  it('has brought everybody to the end after three fifths of the epochs', () => {
    const curriculum = curriculumOf(40);
    const due = Array.from({ length: 40 }, (_, i) => i + 1).filter(curriculum.isDue);
    expect(due).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]);
    curriculum.move(24, studentOf(EASY, EASY));
    expect(listOf(curriculum.lists, 1)).toEqual(HARDEST);
    expect(listOf(curriculum.lists, 0)).toEqual([8, 20, 9, 10]);
    expect(curriculumOf(1).isDue(1)).toBe(true);
  });

  it('goes on from its state as if it had not stopped', () => {
    const [whole, first, second] = [curriculumOf(), curriculumOf(), curriculumOf()];
    const looks: [number, Int32Array][] = [
      [2, studentOf(EASY, EASY)],
      [4, studentOf(EASY, [4, 1, 2, 3])],
      [6, studentOf([4, 5], [8, 9, 4, 5])],
    ];
    for (const [epoch, student] of looks) whole.move(epoch, student);
    for (const [epoch, student] of looks.slice(0, 2)) first.move(epoch, student);
    second.restore(structuredClone(first.state()));
    expect(second.lists).toEqual(first.lists);
    second.move(...looks[2]!);
    expect(second.lists).toEqual(whole.lists);
    expect(second.report()).toEqual(whole.report());
  });
});
