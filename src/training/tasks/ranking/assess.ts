import { WEIGHTS_FILE } from '../../../artifact/format/checked-tensors.ts';
import type { LoadedStudent } from '../../../artifact/student/load.ts';
import { describeStudent, parameterCount } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { withDisliked } from '../../../dataset/disliked-histories.ts';
import type { DislikedPairs } from '../../../dataset/seen.ts';
import { kindsOfTraining } from '../../../dataset/split/kinds.ts';
import { describeMasked, type Masked, maskedFor } from '../../../dataset/split/masked.ts';
import { describeSampled, type SampledTest, sampleTest } from '../../../dataset/split/sample-test.ts';
import { askedWith, historyFor, type Split } from '../../../dataset/split/split.ts';
import { pairsOf } from '../../../dataset/split/split-parts.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { intervalInWords } from '../../../evaluation/bootstrap.ts';
import { SOFTMAX_USERS } from '../../../evaluation/tally.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { assessCold } from './assess-cold.ts';
import { assessSets } from './assess-sets.ts';
import { bestAloneEntry } from './best-alone.ts';
import {
  type Entry,
  memberEntry,
  popularityEntry,
  studentEntry,
  teacherEntry,
  unroundedEntry,
} from './entries.ts';
import type { LiveContestant } from './live.ts';
import { type Measurement, type MeasureSettings, measureRankers } from './measure.ts';
import { previousRanker } from './rankers.ts';
import type { RankingControls } from './train-controls.ts';
import type { TrainedStudent } from './train-student.ts';
import type { TrainingData } from './training-data.ts';

type SeedControls = Pick<RankingControls, 'best'> & { alone: Pick<TrainedStudent, 'weights'> };

export interface Contestants {
  teacher: Teacher;
  student: TrainedStudent;
  /** Unset where a version is renewed, whose report has them. */
  controls?: SeedControls | undefined;
  /** Those of further seeds. */
  repeats?: readonly { student: TrainedStudent; controls?: SeedControls | undefined }[];
  /** The version that taught, where one did. */
  previous?: { student: LoadedStudent; oldRows: Int32Array; version: number; isLive: boolean } | undefined;
  /** The version that is live, where it did not teach. */
  live?: LiveContestant | undefined;
}

export interface AssessmentSettings extends MeasureSettings {
  /** True where the sets of items that users take are measured as well. */
  sets?: true;
  /** True where the student was taught on training pairs alone: then all histories have gone on since. */
  taughtOnTraining?: boolean;
  /** Newest items of a history that are read. */
  maxHistory: number;
}

export type Assessment = Omit<Measurement, 'users' | 'examples'> &
  Pick<Report, 'protocol' | 'sets' | 'examples'> &
  Pick<SampledTest, 'sampled'> & {
    testUsers: number;
    /** The test users of whom the teacher says anything. */
    testUsersOfTeacher: number;
  };

/**
 * Teacher, student, controls without a teacher, and popularity on the test pairs. Histories are what
 * would be known of the user at that time: the training and validation pairs, unless the split says otherwise, and of
 * those as many as serving folds.
 */
export async function assess(
  contestants: Contestants,
  { split: whole, dataset, ...side }: { split: Split } & Pick<TrainingData, 'dataset' | 'cold' | 'said'>,
  settings: AssessmentSettings,
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<Assessment> {
  const { ks, recallDenominator, sets, maxHistory } = settings;
  const { split, sampled } = sampleTest(whole, dataset.users);
  const masked = maskedFor(split, dataset, 'test');
  const shown = (part: 'validation' | 'test', newest = maxHistory, recency = split.recency) =>
    withDisliked(
      askedWith(split, historyFor(split, part), newest, recency),
      dataset.disliked,
      split.until?.[part],
    );
  // The pairs that the student learned from.
  const { popularity } = contestants.student.weights;
  const { teacher, student, controls, previous, live } = contestants;
  const first = contestantsOf(contestants, popularity);
  const own = [...first, ...(contestants.repeats ?? []).flatMap(seededEntries)];
  const measurement = await measureRankers(
    own,
    (teacher.members ?? []).map((member, i) => memberEntry(member.teacher, i)),
    {
      test: {
        histories: shown('test'),
        ...masked,
        popularity,
        newItems: previous && Uint8Array.from(previous.oldRows, (row) => Number(row < 0)),
      },
      newest: split.newest,
      validation: { histories: shown('validation'), ...maskedFor(split, dataset, 'validation') },
      split,
      kinds: settings.taughtOnTraining ? kindsOfTraining(split) : split.kinds,
      live: live && { ...live, histories: shown('test', live.maxHistory, live.recency ?? 1) },
    },
    settings,
    rng,
    onFraction,
  );
  const { models, users } = measurement;
  const cold = await assessCold(
    {
      teacher,
      students: {
        student: student.weights,
        ...(controls && { 'student-alone': controls.alone.weights }),
      },
      popularity,
    },
    { split, dataset, ...side },
    { ks, recallDenominator, maxHistory },
  );
  for (const { name, segments } of models) segments.push(...(cold.get(name) ?? []));
  const counted = new Set(users);
  return {
    ...measurement,
    examples: measurement.examples(dataset.items),
    ...(sets && {
      sets: await assessSets(
        first,
        {
          split: { ...split, test: pairsOf(split.test, (user) => counted.has(user)) },
          unlisted: dataset,
          maxHistory,
        },
        ks,
        rng.fork('sets'),
        () => onFraction(1),
      ),
    }),
    ...(sampled && { sampled }),
    testUsers: users.length,
    testUsersOfTeacher: users.filter((user) => own[0]!.ranker.covers?.(user) ?? true).length,
    protocol: protocolOf(split, { ...masked, sampled, disliked: dataset.disliked }, models, settings),
  };
}

/** Describes the protocol in words, since numbers of other protocols cannot be compared with these. */
function protocolOf(
  split: Split,
  {
    sampled,
    disliked,
    ...masked
  }: Masked & Pick<SampledTest, 'sampled'> & { disliked: DislikedPairs | undefined },
  models: Measurement['models'],
  { recallDenominator, maxHistory, seeds }: AssessmentSettings,
): Report['protocol'] {
  const known = split.validationIsHistory ? 'training and validation pairs' : 'training pairs';
  const weight = split.recency === undefined ? '' : `each weighing ${split.recency} of the one after it, `;
  const isMoved = disliked?.moves.some((moves) => moves > 0);
  const moved = isMoved ? 'vectors moved away from what users dislike in words, ' : '';
  return {
    ranking: `${describeMasked(split, masked)}; ties count against the ranker; losses and kl from at most ${SOFTMAX_USERS} users, ${calibration(split, models)}${describeSampled({ sampled })}`,
    histories: `${known}, the newest ${maxHistory} of each user, ${weight}${moved}as in serving`,
    recallDenominator:
      recallDenominator === 'testSize' ? 'testSize: all test items of the user' : 'min: at most k test items',
    interval: intervalInWords(seeds.length),
  };
}

function calibration({ validation }: Split, models: Measurement['models']): string {
  if (validation.indices.length === 0) return 'not calibrated, for want of a validation part';
  if (models.every(({ scoreScale }) => scoreScale === null))
    return 'not calibrated, as fewer than 16 users have validation pairs that the student was not taught';
  return 'calibratedLoss and kl after the scores were multiplied by a scale that was fitted on validation pairs that the student was not taught';
}

/** The teacher comes first: the others are compared with it. */
function contestantsOf(
  { teacher, student, controls, previous }: Contestants,
  popularity: Float32Array,
): Entry[] {
  return [
    teacherEntry(teacher),
    ...seededEntries({ student, controls }),
    ...(previous ? [previousEntry(previous)] : []),
    popularityEntry(popularity, 'items by weight in what the student learned from'),
  ];
}

/** Entries of the models that are trained with every seed. */
function seededEntries({ student, controls }: Pick<Contestants, 'student' | 'controls'>): Entry[] {
  const { weights } = student;
  return [
    studentEntry('student', weights),
    unroundedEntry(weights, student.scores),
    ...(controls
      ? [
          studentEntry('student-alone', controls.alone.weights, ', without a teacher'),
          bestAloneEntry(controls.best),
        ]
      : []),
  ];
}

function previousEntry({ student, oldRows, version, isLive }: NonNullable<Contestants['previous']>): Entry {
  const { weights, manifest } = student;
  return {
    role: 'previous',
    version,
    ...(isLive && { isLive }),
    ranker: previousRanker('previous', createStudentScorer(weights), oldRows),
    description: `${describeStudent(weights)}, of ${manifest.model} before`,
    parameters: parameterCount(weights),
    bytes: manifest.files[WEIGHTS_FILE]!.bytes,
  };
}
