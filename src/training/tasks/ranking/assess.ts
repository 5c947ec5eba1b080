import { WEIGHTS_FILE } from '../../../artifact/format/checked-tensors.ts';
import type { LoadedStudent } from '../../../artifact/student/load.ts';
import {
  describeStudent,
  parameterCount,
  type StudentWeights,
} from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { columnSums } from '../../../dataset/matrix.ts';
import { countedUsers, KIND_OF, kindsOfTraining, pairsOf, whyNoUsers } from '../../../dataset/split/kinds.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import { historyFor, knownFor, type Split } from '../../../dataset/split/split.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { compareModels } from '../../../evaluation/comparison.ts';
import { type EvaluationData, evaluate } from '../../../evaluation/evaluate.ts';
import { historyReports } from '../../../evaluation/history-reports.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import { pairRankers, rankerFigures } from '../../../evaluation/report.ts';
import { outcomeOf } from '../../../evaluation/some-users.ts';
import { SOFTMAX_USERS } from '../../../evaluation/tally.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
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
import { withScales } from './scales.ts';
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
  /** True where the student was taught on training pairs alone: then all histories have gone on since. */
  taughtOnTraining?: boolean;
  /** Share of the test users that was to be left out of training. */
  unseenShare?: number;
}

export type Assessment = Pick<Report, 'models' | 'comparison' | 'histories' | 'protocol' | 'sets'> & {
  /** A report for each member of an ensemble. */
  members: ModelReport[];
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
  settings: AssessmentSettings,
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<Assessment> {
  const { ks, recallDenominator, sets, timedAnswers } = settings;
  const kinds = settings.taughtOnTraining ? kindsOfTraining(split) : split.kinds;
  const counted = countedUsers(kinds, split.test);
  const shown = (part: 'validation' | 'test') => keepNewest(historyFor(split, part), dataset, MAX_HISTORY);
  const data: EvaluationData = {
    histories: shown('test'),
    known: knownFor(split, 'test'),
    heldOut: split.test,
    popularity: columnSums(split.train),
    counted,
    newItems: contestants.previous && Uint8Array.from(contestants.previous.oldRows, (row) => Number(row < 0)),
  };
  const own = contestantsOf(contestants, data.popularity);
  const members = contestants.teacher.members ?? [];
  const entries = withScales(
    [...own, ...members.map(({ teacher }, i) => memberEntry(teacher, i))],
    { histories: shown('validation'), known: knownFor(split, 'validation'), heldOut: split.validation },
    kinds,
    rng.fork('scales'),
  );
  const { users, outcomes: all } = await evaluate(
    entries.map((entry) => entry.ranker),
    data,
    { ks, recallDenominator, onBatch: onFraction },
  );
  const placesOf = (isWanted: (user: number) => boolean) =>
    Int32Array.from(users.keys()).filter((place) => isWanted(users[place]!));
  const places = placesOf(counted);
  const outcomes = all.map((outcome) => outcomeOf(outcome, places));
  const resampling = createResampling(places.length, rng);
  const reports = reportEntries(
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
    { ks, recallDenominator },
  );
  for (const { name, segments } of reports) segments.push(...(cold.get(name) ?? []));
  const models = reports.slice(0, own.length);
  const measured = models.map(({ name, role, bytes }, i) => ({ name, role, bytes, outcome: outcomes[i]! }));
  return {
    models,
    members: reports.slice(own.length),
    comparison: compareModels(measured, pairRankers(resampling)),
    histories: historyReports(
      {
        models: measured.map((model, i) => ({ ...model, outcome: all[i]! })),
        placesOf: (kind) => placesOf((user) => kinds[user] === KIND_OF[kind]),
        whyNone: (kind) => whyNoUsers(kind, { ...split, kinds }, settings.unseenShare ?? 0),
        some: outcomeOf,
        figures: rankerFigures,
        pair: pairRankers,
      },
      rng.fork('histories'),
    ),
    ...(sets && {
      sets: await assessSets(
        own,
        { ...split, test: pairsOf(split.test, counted) },
        ks,
        (histories) => keepNewest(histories, dataset, MAX_HISTORY),
        rng.fork('sets'),
        () => onFraction(1),
      ),
    }),
    testUsers: places.length,
    testUsersOfTeacher: places.filter((at) => entries[0]!.ranker.covers?.(users[at]!) ?? true).length,
    protocol: protocolOf(split, recallDenominator),
  };
}

/** Describes the protocol in words, since numbers of other protocols cannot be compared with these. */
function protocolOf(split: Split, recallDenominator: RecallDenominator): Report['protocol'] {
  const known = split.validationIsHistory ? 'training and validation pairs' : 'training pairs';
  return {
    ranking: `all items but the user's training and validation pairs; ties count against the ranker; loss and kl from at most ${SOFTMAX_USERS} users`,
    histories: `${known}, the newest ${MAX_HISTORY} of each user, as in serving`,
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
    role: 'previous',
    ranker: previousRanker(createStudentScorer(weights), oldRows),
    description: `${describeStudent(weights)}, of ${manifest.model} before`,
    parameters: parameterCount(weights),
    bytes: manifest.files[WEIGHTS_FILE]!.bytes,
  };
}
