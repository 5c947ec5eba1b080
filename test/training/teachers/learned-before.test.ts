import { describe, expect, it } from 'vitest';
import { LEARNED_FILE, packLearned } from '../../../src/artifact/learned.ts';
import { hashSetOf } from '../../../src/core/hash-set.ts';
import { hashesOfPairs } from '../../../src/dataset/split/split-parts.ts';
import type { TakenOut } from '../../../src/dataset/split/take-out.ts';
import {
  areWhole,
  leakWarnings,
  learnedBefore,
  learnedPairs,
  learnedPairsOf,
} from '../../../src/training/teachers/learned-before.ts';
import { csrOf } from '../../helpers/data.ts';
import { memoryArtifacts } from '../run-job.ts';

const IDS = { users: ['u', 'v'], items: ['a', 'b', 'c'] };
const NONE = csrOf([
  [0, 0, 0],
  [0, 0, 0],
]);
const UA = csrOf([
  [1, 0, 0],
  [0, 0, 0],
]);
const VB = csrOf([
  [0, 0, 0],
  [0, 1, 0],
]);
const setOf = (...parts: (typeof UA)[]) =>
  hashSetOf(Float64Array.from(parts.flatMap((matrix) => [...hashesOfPairs({ ...IDS, matrix }, 0)])));

describe('what a version of several tasks learned from', () => {
  const artifacts = memoryArtifacts([
    [
      `x/${LEARNED_FILE}`,
      packLearned({
        of: 'pairs',
        isWhole: true,
        sets: [
          learnedPairs(IDS, { teacher: UA, student: UA }, undefined, 'look'),
          learnedPairs(IDS, { teacher: NONE, student: VB }, undefined, 'buy'),
        ],
      }),
    ],
  ]);
  const of = (which: object) => learnedPairsOf(artifacts, { artifact: 'x' }, which);

  it('is known by task: the same pair may be history of one and test of another', async () => {
    expect(await of({ task: 'look' })).toEqual({ all: setOf(UA), own: setOf(UA), isWhole: true });
    expect(await of({ task: 'buy' })).toEqual({ all: setOf(VB), own: setOf(VB), isWhole: true });
    expect(await of({ task: 'buy', part: 'teacher' })).toMatchObject({ all: setOf(VB), own: setOf() });
  });

  it('is all of it for a job without tasks, and for a task of another name', async () => {
    expect(await of({})).toMatchObject({ all: setOf(UA, VB) });
    expect(await of({ task: 'other' })).toMatchObject({ all: setOf(UA, VB) });
  });

  it('does not depend on other users and items of the data', async () => {
    const more = { users: ['a', 'u'], items: ['0', '1', '2', 'a'] };
    const matrix = csrOf([
      [0, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
    expect(learnedPairs(more, { teacher: matrix, student: matrix }, undefined).teacher).toEqual(setOf(UA));
  });
});

describe('what the versions of a job learned from', () => {
  const version = (number: number, learned: Parameters<typeof learnedBefore>[0][number]['learned']) => ({
    settings: { model: 'm', version: number },
    learned,
  });
  const a = version(1, { all: setOf(UA, VB), own: setOf(UA), isWhole: true });
  const b = version(2, { all: setOf(VB), own: setOf(VB), isWhole: true });

  it('is the union of all, and says which it is by its hash', () => {
    const both = learnedBefore([a, b])!;
    expect(both).toMatchObject({ test: setOf(UA, VB), validation: setOf(UA, VB) });
    expect(learnedBefore([a])!.hash).not.toBe(both.hash);
    expect(learnedBefore([version(3, null)])).toBeUndefined();
  });

  it('is handed on to the version that they teach', () => {
    const { teacher, student } = learnedPairs(IDS, { teacher: NONE, student: NONE }, learnedBefore([b]));
    expect([teacher, student]).toEqual([setOf(VB), setOf(VB)]);
  });

  it('is not whole beside imported lists, or where a version does not know it', () => {
    expect(areWhole([a, b], [])).toBe(true);
    expect(areWhole([a], ['bert'])).toBe(false);
    expect(areWhole([a, version(3, null)], [])).toBe(false);
    expect(areWhole([version(4, { ...b.learned!, isWhole: false })], [])).toBe(false);
  });

  const takenOut = (test: number, testUsers: number, left = 0, testToValidation = 0): TakenOut => ({
    test: { taken: test, of: 100 },
    validation: { taken: 30, of: 50, left },
    testToValidation,
    testUsers,
  });

  it.each<[string, Parameters<typeof leakWarnings>[0], RegExp[]]>([
    ['nothing of versions that hold out the same', { versions: [a], takenOut: undefined }, []],
    [
      'what is left of both parts',
      { versions: [a, b], takenOut: takenOut(20, 40, 20), task: 'buy' },
      [
        /^Version 1 of m and version 2 of m learned from 20 of the 100 test pairs of the task buy: .* 80 pairs of 40 test users left$/,
        /^What teaches learned from 30 of the 50 validation pairs of the task buy: .*nothing is chosen by them$/,
      ],
    ],
    [
      'that test pairs are used for validation',
      { versions: [a], takenOut: takenOut(0, 200, 30, 30) },
      [/; in their place 30 of the test pairs are used$/],
    ],
    [
      'that the job does without validation',
      { versions: [a], takenOut: takenOut(0, 20), noun: 'ratings' },
      [/validation ratings: .*; so few are left that the job does without validation$/],
    ],
    [
      'that nobody knows it of an imported teacher, an older version and one that such a teacher taught',
      {
        versions: [version(7, null), version(8, { ...b.learned!, isWhole: false })],
        imported: ['bert'],
        takenOut: undefined,
      },
      [
        /^Version 7 of m is of an earlier release/,
        /^Version 8 of m was taught in part by a teacher of which nobody knows/,
        /^Nobody here knows from which interactions the imported teacher bert learned/,
      ],
    ],
  ])('is told: %s', (_, data, messages) => {
    expect(leakWarnings(data)).toEqual(messages.map((message) => expect.stringMatching(message)));
  });

  it.each([
    ['too few test users', takenOut(95, 9)],
    ['no test at all, as validation took the rest', takenOut(0, 0)],
  ])('leaves a job without a test that says anything: %s', (_, taken) => {
    expect(() => leakWarnings({ versions: [a], takenOut: taken })).toThrow(
      /users are left where 10 are needed/,
    );
  });
});
