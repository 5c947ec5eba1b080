import { encodeStudentWeights } from '../artifact/pack.ts';
import { describeStudent, parameterCount, type StudentWeights } from '../artifact/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import { columnSums } from '../dataset/matrix.ts';
import { historyFor, knownFor, type Split } from '../dataset/split.ts';
import type { RankerReport, Report } from '../domain/report.ts';
import { createResampling } from '../evaluation/bootstrap.ts';
import { type EvaluationData, evaluate, type Outcome } from '../evaluation/evaluate.ts';
import { compareRankers, type RankerFacts, rankerReport } from '../evaluation/report.ts';
import { createStudentScorer } from '../serving/student-scorer.ts';
import type { Teacher } from '../teacher/contract.ts';
import { popularityRanker, studentRanker, type TimedRanker, teacherRanker, timeRanker } from './rankers.ts';

export interface Contestants {
  teacher: Teacher;
  student: StudentWeights;
  alone: StudentWeights;
}

export type Assessment = Pick<Report, 'rankers' | 'comparison'> & { testUsers: number };

/**
 * Teacher, student, the same student without a teacher, and popularity on the test pairs. Histories are what
 * would be known of the user at that time: the training and validation pairs, unless the split says otherwise.
 */
export async function assess(
  contestants: Contestants,
  split: Split,
  ks: readonly number[],
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<Assessment> {
  const data: EvaluationData = {
    histories: historyFor(split, 'test'),
    known: knownFor(split, 'test'),
    heldOut: split.test,
    popularity: columnSums(split.train),
  };
  const entries = contestantsOf(contestants, data.popularity);
  const { users, outcomes } = await evaluate(
    entries.map((entry) => entry.ranker),
    data,
    { ks, onBatch: onFraction },
  );
  const resampling = createResampling(users.length, rng);
  const rankers = entries.map(({ ranker, ...facts }, i) => {
    const { p50, p99 } = timeRanker(ranker, data.histories, users);
    return rankerReport(outcomes[i]!, { ...facts, p50Microseconds: p50, p99Microseconds: p99 }, resampling);
  });
  const byName = Object.fromEntries(outcomes.map((o) => [o.name, o])) as Record<
    RankerReport['name'],
    Outcome
  >;
  const bytes = { teacher: rankers[0]!.bytes, student: rankers[1]!.bytes };
  return { rankers, comparison: compareRankers(byName, bytes, resampling), testUsers: users.length };
}

type Entry = { ranker: TimedRanker } & Pick<RankerFacts, 'description' | 'parameters' | 'bytes'>;

/** The teacher comes first: the others are compared with it. */
function contestantsOf({ teacher, student, alone }: Contestants, popularity: Float32Array): Entry[] {
  const studentFacts = (weights: StudentWeights) => ({
    parameters: parameterCount(weights),
    bytes: encodeStudentWeights(weights).length,
  });
  return [
    {
      ranker: teacherRanker(teacher),
      description: teacher.description,
      parameters: teacher.parameters,
      bytes: teacher.bytes,
    },
    {
      ranker: studentRanker('student', createStudentScorer(student)),
      description: describeStudent(student),
      ...studentFacts(student),
    },
    {
      ranker: studentRanker('student-alone', createStudentScorer(alone)),
      description: `${describeStudent(alone)}, without a teacher`,
      ...studentFacts(alone),
    },
    {
      ranker: popularityRanker(popularity),
      description: 'items by weight in training',
      parameters: popularity.length,
      bytes: popularity.byteLength,
    },
  ];
}
