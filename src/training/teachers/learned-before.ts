import type { Static } from 'typebox';
import { LEARNED_SEED, type Learned, type LearnedFile, loadLearned } from '../../artifact/learned.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { problem } from '../../core/errors.ts';
import { hashOfColumns } from '../../core/hash.ts';
import { EMPTY_SET, type HashSet, hashSetOf, unionOfSets } from '../../core/hash-set.ts';
import type { Csr } from '../../dataset/matrix.ts';
import { hashesOfPairs, type Pairs } from '../../dataset/split/split-parts.ts';
import { LEAST_USERS, type LearnedBefore, type TakenOut } from '../../dataset/split/take-out.ts';
import type { TakenOut as TakenOutReport } from '../../domain/reports/taken-out.ts';

/** A version of a model that has part in a job, with what it learned from. */
export interface VersionThatLearned {
  settings: { model: string; version: number };
  /** Null for a version of an earlier release, which has not kept it. */
  learned: LearnedByVersion | null;
}

/** Sets of hashes, see src/artifact/learned.ts. */
export interface LearnedByVersion {
  /** All that its teacher or its student learned from. */
  all: HashSet;
  /** All that the part of it that teaches learned from. */
  own: HashSet;
  isWhole: boolean;
}

interface WhichPart {
  /** The task that is asked about, where the job has several. */
  task?: string | undefined;
  part?: 'teacher' | 'student' | 'renewed';
  of?: LearnedFile['of'];
}

/**
 * Reads what a version learned from; null for one of an earlier release. `includesHash(all, hash)` says it of a pair.
 * @param which of several tasks that of the same name, or all where there is none of that name
 * @throws problem('invalid-artifact') for a damaged file
 */
export async function learnedPairsOf(
  artifacts: Pick<ArtifactStore, 'get'>,
  { artifact }: { artifact: string },
  { task, part = 'student', of = 'pairs' }: WhichPart = {},
): Promise<LearnedByVersion | null> {
  const file = await loadLearned(artifacts, artifact, of);
  if (!file) return null;
  const named = file.sets.filter((one) => one.task !== null && one.task === task);
  const chosen = named.length > 0 ? named : file.sets;
  const union = (pick: 'teacher' | 'student') =>
    chosen.map((one) => one[pick]).reduce(unionOfSets, EMPTY_SET);
  return {
    all: union('student'),
    own: union(part === 'teacher' ? 'teacher' : 'student'),
    isWhole: file.isWhole,
  };
}

/** All that the versions of a job learned from, with a hash of it; undefined where no version has part in the job. */
export function learnedBefore(
  versions: readonly VersionThatLearned[],
): (LearnedBefore & { hash: string }) | undefined {
  const known = versions.flatMap(({ learned }) => learned ?? []);
  if (known.length === 0) return undefined;
  const test = known.map(({ all }) => all).reduce(unionOfSets);
  const validation = known.map(({ own }) => own).reduce(unionOfSets);
  return {
    test,
    validation,
    hashSeed: LEARNED_SEED,
    hash: hashOfColumns('', [test.hashes, validation.hashes]),
  };
}

/** The pairs that a job learns from, [users, items] each. */
export interface LearnedNow {
  teacher: Csr;
  /** The student's histories; what its teacher learned from need not be among them. */
  student: Csr;
}

/** Adds what a job's models learn from to what the version that teaches had learned from. */
export function learnedPairs(
  ids: Pick<Pairs, 'users' | 'items'>,
  now: LearnedNow,
  before: LearnedBefore | undefined,
  task: string | null = null,
): Learned {
  const setOf = (matrix: Csr) => hashSetOf(hashesOfPairs({ ...ids, matrix }, LEARNED_SEED));
  const teacher = unionOfSets(setOf(now.teacher), before?.validation ?? EMPTY_SET);
  // Millions of hashes take seconds to sort: once where both learn the same.
  const student = now.student === now.teacher ? teacher : unionOfSets(teacher, setOf(now.student));
  return { task, teacher, student };
}

/** True where of every teacher in a job it is known what it learned from. */
export function areWhole(versions: readonly VersionThatLearned[], imported: readonly string[]): boolean {
  return imported.length === 0 && versions.every(({ learned }) => learned?.isWhole);
}

interface LeakedData {
  versions: readonly VersionThatLearned[];
  /** Names of imported teachers. */
  imported?: readonly string[];
  takenOut: TakenOut | undefined;
  /** Name of what is held out. */
  noun?: 'pairs' | 'ratings' | 'labelled entities';
  /** The task, where the job has several. */
  task?: string;
}

/**
 * Says what was taken out of the held-out parts, and of which teachers nobody knows what should be.
 * @throws problem('not-enough-data') where too little is left to test with, before anything is trained
 */
export function leakWarnings({
  versions,
  imported = [],
  takenOut,
  noun = 'pairs',
  task,
}: LeakedData): string[] {
  const ofTask = task === undefined ? '' : ` of the task ${task}`;
  const names = namesOf(versions.filter(({ learned }) => learned !== null));
  const warnings = [...unknownWarnings(versions), ...imported.map(importedWarning)];
  if (!takenOut) return warnings;
  const { test, validation, testToValidation, testUsers } = takenOut;
  const who = noun === 'labelled entities' ? 'test entities' : 'test users';
  if ((test.taken > 0 && testUsers < LEAST_USERS) || (validation.taken > 0 && testUsers === 0)) {
    throw problem(
      'not-enough-data',
      `${names} learned from ${test.taken} of the ${test.of} test and ${validation.taken} of the ${validation.of} validation ${noun}${ofTask}, so that ${testUsers} ${who} are left where ${LEAST_USERS} are needed: a test of what was learned by heart says nothing. Send interactions that came since; or split with {"strategy":"global-time","testSince":"..."} at the time when the version was made; or name a version that was published with "evaluation":{"refit":false}, with the same split and seed`,
    );
  }
  if (test.taken > 0) {
    warnings.push(
      `${names} learned from ${test.taken} of the ${test.of} test ${noun}${ofTask}: they are history here and no test, which has ${test.of - test.taken - testToValidation} ${noun} of ${testUsers} ${who} left`,
    );
  }
  if (validation.taken > 0) {
    const instead =
      testToValidation > 0
        ? `; in their place ${testToValidation} of the test ${noun} are used`
        : validation.left === 0
          ? '; so few are left that the job does without validation'
          : '';
    warnings.push(
      `What teaches learned from ${validation.taken} of the ${validation.of} validation ${noun}${ofTask}: they are history here, and nothing is chosen by them${instead}`,
    );
  }
  return warnings;
}

function unknownWarnings(versions: readonly VersionThatLearned[]): string[] {
  const old = namesOf(versions.filter(({ learned }) => learned === null));
  const partly = namesOf(versions.filter(({ learned }) => learned && !learned.isWhole));
  const consequence =
    'what is held out here may have taught it, so that the figures of teacher, student and previous may be too good';
  return [
    ...(old
      ? [`${old} is of an earlier release, which did not keep what a version learned from: ${consequence}`]
      : []),
    ...(partly
      ? [
          `${partly} was taught in part by a teacher of which nobody knows what it learned from: ${consequence}`,
        ]
      : []),
  ];
}

function namesOf(versions: readonly VersionThatLearned[]): string {
  const names = versions.map(({ settings: { model, version } }) => `version ${version} of ${model}`);
  const text = [...new Set(names)].join(' and ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A warning of a teacher that was made elsewhere. */
function importedWarning(name: string): string {
  return `Nobody here knows from which interactions the imported teacher ${name} learned: where test pairs are among them, the figures of teacher and student are too good`;
}

/** Returns the part of the report about pairs that were taken out. */
export function takenOutReport(
  versions: readonly VersionThatLearned[],
  takenOut: TakenOut | undefined,
): { takenOut?: Static<typeof TakenOutReport> } {
  if (!takenOut) return {};
  const { test, validation, testToValidation } = takenOut;
  return {
    takenOut: {
      versions: versions.map(({ settings: { model, version } }) => ({ model, version })),
      test,
      validation: { taken: validation.taken, of: validation.of },
      testToValidation,
    },
  };
}
