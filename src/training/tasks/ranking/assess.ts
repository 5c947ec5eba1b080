import { WEIGHTS_FILE } from '../../../artifact/format/checked-tensors.ts';
import type { LoadedStudent } from '../../../artifact/student/load.ts';
import {
  describeStudent,
  parameterCount,
  type StudentWeights,
} from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { columnSums } from '../../../dataset/matrix.ts';
import { describeMasked, type Masked, maskedFor } from '../../../dataset/split/masked.ts';
import { historyFor, newestKnown, type Split } from '../../../dataset/split/split.ts';
import type { RankerReport } from '../../../domain/reports/ranker-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { type EvaluationData, evaluate, type OnRanked } from '../../../evaluation/evaluate.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import { compareRankers } from '../../../evaluation/report.ts';
import { SOFTMAX_USERS } from '../../../evaluation/tally.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { assessCold } from './assess-cold.ts';
import { assessSets } from './assess-sets.ts';
import {
  type Entry,
  memberEntry,
  popularityEntry,
  reportEntries,
  studentEntry,
  teacherEntry,
  unroundedEntry,
} from './entries.ts';
import { previousRanker } from './rankers.ts';
import type { TrainedStudent } from './train-student.ts';
import type { TrainingData } from './training-data.ts';

export interface Contestants {
  teacher: Teacher;
  student: TrainedStudent;
  control: StudentWeights;
  /** The version that taught, where one did. */
  previous?: { student: LoadedStudent; oldRows: Int32Array };
}

export interface AssessmentSettings {
  ks: readonly number[];
  recallDenominator: RecallDenominator;
  /** True where the sets of items that users take are measured as well. */
  sets?: true;
  timedAnswers?: number | undefined;
  /** Newest items of a history that are read. */
  maxHistory: number;
  onRanked?: OnRanked | undefined;
}

export type Assessment = Pick<Report, 'rankers' | 'comparison' | 'protocol' | 'sets'> & {
  /** A report for each member of an ensemble. */
  members: RankerReport[];
  testUsers: number;
  /** The test users of whom the teacher says anything. */
  testUsersOfTeacher: number;
};

/**
 * Teacher, student, the same student without a teacher, and popularity on the test pairs. Histories are what
 * would be known of the user at that time: the training and validation pairs, unless the split says otherwise, and of
 * those as many as serving folds.
 */
export async function assess(
  contestants: Contestants,
  { split, dataset, ...side }: { split: Split } & Pick<TrainingData, 'dataset' | 'cold' | 'features'>,
  { ks, recallDenominator, sets, timedAnswers, maxHistory, onRanked }: AssessmentSettings,
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<Assessment> {
  const masked = maskedFor(split, dataset, 'test');
  const data: EvaluationData = {
    histories: newestKnown(split, historyFor(split, 'test'), maxHistory),
    ...masked,
    popularity: columnSums(split.train),
    newItems: contestants.previous && Uint8Array.from(contestants.previous.oldRows, (row) => Number(row < 0)),
  };
  const own = contestantsOf(contestants, data.popularity);
  const members = contestants.teacher.members ?? [];
  const entries = [...own, ...members.map(({ teacher }, i) => memberEntry(teacher, i))];
  const { users, outcomes } = await evaluate(
    entries.map((entry) => entry.ranker),
    data,
    { ks, recallDenominator, onBatch: onFraction, onRanked },
  );
  const resampling = createResampling(users.length, rng);
  const rankers = reportEntries(
    entries,
    outcomes,
    { histories: data.histories, users },
    resampling,
    timedAnswers,
  );
  const { teacher, student, control } = contestants;
  const cold = await assessCold(
    {
      teacher,
      students: { student: student.weights, 'student-alone': control },
      popularity: data.popularity,
    },
    { split, dataset, ...side },
    { ks, recallDenominator, maxHistory },
  );
  for (const ranker of rankers) ranker.segments.push(...(cold.get(ranker.name) ?? []));
  const byName = Object.fromEntries(outcomes.map((o) => [o.name, o])) as Parameters<typeof compareRankers>[0];
  const bytes = { teacher: rankers[0]!.bytes, student: rankers[1]!.bytes };
  return {
    rankers: rankers.slice(0, own.length),
    members: rankers.slice(own.length),
    comparison: compareRankers(byName, bytes, resampling),
    ...(sets && {
      sets: await assessSets(
        own.map(({ ranker }) => ranker),
        { split, unlisted: dataset, maxHistory },
        ks,
        rng.fork('sets'),
        () => onFraction(1),
      ),
    }),
    testUsers: users.length,
    testUsersOfTeacher: users.filter((user) => entries[0]!.ranker.covers?.(user) ?? true).length,
    protocol: protocolOf(split, masked, { recallDenominator, maxHistory }),
  };
}

/** Describes the protocol in words, since numbers of other protocols cannot be compared with these. */
function protocolOf(
  split: Split,
  masked: Masked,
  { recallDenominator, maxHistory }: Pick<AssessmentSettings, 'recallDenominator' | 'maxHistory'>,
): Report['protocol'] {
  const known = split.validationIsHistory ? 'training and validation pairs' : 'training pairs';
  return {
    ranking: `${describeMasked(split, masked)}; ties count against the ranker; loss and kl from at most ${SOFTMAX_USERS} users`,
    histories: `${known}, the newest ${maxHistory} of each user, as in serving`,
    recallDenominator:
      recallDenominator === 'testSize' ? 'testSize: all test items of the user' : 'min: at most k test items',
    interval: '95 %, percentile bootstrap over users, 1,000 replicates; comparisons are paired',
  };
}

/** The teacher comes first: the others are compared with it. */
function contestantsOf(
  { teacher, student, control, previous }: Contestants,
  popularity: Float32Array,
): Entry[] {
  const { weights } = student;
  return [
    teacherEntry(teacher),
    studentEntry('student', weights),
    unroundedEntry(weights, student.scores),
    studentEntry('student-alone', control, ', without a teacher'),
    ...(previous ? [previousEntry(previous)] : []),
    popularityEntry(popularity, 'items by weight in training'),
  ];
}

function previousEntry({ student, oldRows }: NonNullable<Contestants['previous']>): Entry {
  const { weights, manifest } = student;
  return {
    ranker: previousRanker(createStudentScorer(weights), oldRows),
    description: `${describeStudent(weights)}, of ${manifest.model} before`,
    parameters: parameterCount(weights),
    bytes: manifest.files[WEIGHTS_FILE]!.bytes,
  };
}
