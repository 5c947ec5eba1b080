import { encodeStudentWeights } from '../../../artifact/student/pack.ts';
import {
  describeStudent,
  parameterCount,
  type StudentWeights,
} from '../../../artifact/student/student-weights.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { Resampling } from '../../../evaluation/bootstrap.ts';
import { type RankerFacts, rankerReport } from '../../../evaluation/report.ts';
import type { Outcome } from '../../../evaluation/tally.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import {
  popularityRanker,
  studentRanker,
  type TimedRanker,
  teacherRanker,
  timeRanker,
  unroundedRanker,
} from './rankers.ts';

/** A ranker with what the report says of it beside its figures. */
export type Entry = { ranker: TimedRanker } & Pick<
  RankerFacts,
  'role' | 'description' | 'version' | 'isLive' | 'parameters' | 'bytes'
>;

export function teacherEntry(teacher: Teacher): Entry {
  const { description, parameters, bytes } = teacher;
  return { ranker: teacherRanker(teacher), role: 'teacher', description, parameters, bytes };
}

/** One of the teachers that the teacher is made of. */
export function memberEntry(member: Teacher, place: number): Entry {
  const entry = teacherEntry(member);
  return { ...entry, ranker: { ...entry.ranker, name: `member-${place}` } };
}

/**
 * A student as it will be served.
 * @param served the part of it that ranks, where that is not all that is stored
 */
export function studentEntry(
  name: ModelReport['name'],
  weights: StudentWeights,
  remark = '',
  served = weights,
): Entry {
  return {
    role: name === 'student' ? 'student' : 'control',
    ranker: studentRanker(name, createStudentScorer(served)),
    description: `${describeStudent(weights)}${remark}`,
    parameters: parameterCount(weights),
    bytes: encodeStudentWeights(weights).length,
  };
}

/** @param scores of the student before its weights were rounded */
export function unroundedEntry(weights: StudentWeights, scores: (histories: Csr) => Float32Array): Entry {
  return {
    role: 'student',
    ranker: unroundedRanker({ scores }),
    description: `${describeStudent(weights)}, before rounding`,
    parameters: parameterCount(weights),
    bytes: 4 * parameterCount(weights),
  };
}

/** @param popularity [items] */
export function popularityEntry(popularity: Float32Array, description: string): Entry {
  return {
    role: 'baseline',
    ranker: popularityRanker(popularity),
    description,
    parameters: popularity.length,
    bytes: popularity.byteLength,
  };
}

/**
 * The rankers' tables, with the time that each takes for one recommendation.
 * @param outcomes one per entry
 * @param timed recommendations of each ranker that are timed; unset: as many as a report needs
 */
export async function reportEntries(
  entries: readonly Entry[],
  outcomes: readonly Outcome[],
  { histories, users }: { histories: Csr; users: Int32Array },
  resampling: Resampling,
  timed?: number,
  onEntry: (done: number) => Promise<void> | void = () => {},
): Promise<ModelReport[]> {
  const reports: ModelReport[] = [];
  for (const [i, { ranker, ...facts }] of entries.entries()) {
    const { p50, p99 } = timeRanker(ranker, ranker.histories ?? histories, users, timed);
    const times = { p50Microseconds: p50, p99Microseconds: p99 };
    reports.push(rankerReport(outcomes[i]!, { ...facts, ...times }, resampling));
    await onEntry(reports.length / entries.length);
  }
  return reports;
}
