import { isDeepStrictEqual } from 'node:util';
import { WEIGHTS_FILE } from '../../../artifact/format/checked-tensors.ts';
import { loadStudent } from '../../../artifact/student/load.ts';
import { holdsLabels } from '../../../artifact/student/load-any.ts';
import { DEFAULT_TASK } from '../../../artifact/student/manifest.ts';
import {
  describeStudent,
  parameterCount,
  type StudentWeights,
  studentOfTask,
} from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, unionRows } from '../../../dataset/matrix.ts';
import { pairsOf } from '../../../dataset/split/split-parts.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { type EvaluationData, evaluate } from '../../../evaluation/evaluate.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import { pairRankers, rankerFigures } from '../../../evaluation/report.ts';
import { joinOutcomes } from '../../../evaluation/some-users.ts';
import type { FeatureEncoding } from '../../../features/encoding.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import { fairTest, usersOf } from '../../live/fair-test.ts';
import {
  findLive,
  type LiveSources,
  type LiveVersion,
  NotComparable,
  openLive,
  warnIfNot,
} from '../../live/find-live.ts';
import { describeLive, type LiveComparison } from '../../live/live-comparison.ts';
import type { StoredTeacher } from '../../teachers/stored-teacher.ts';
import { type Entry, reportEntries } from './entries.ts';
import { previousRanker, type TimedRanker } from './rankers.ts';
import { withoutRecency } from './recency.ts';

/** The items that a job ranks, and how it reads histories. */
export interface RankingJob {
  users: readonly string[];
  items: readonly string[];
  weighting: Weighting;
  maxHistory: number;
  /** Name of the task, where the job has several. */
  task?: string;
  /** The encoding of what is said of users, where the job reads it. */
  userEncoding?: FeatureEncoding | undefined;
}

/** The live version, ready to be measured beside the student. */
export interface LiveContestant {
  entry: Entry;
  /** Newest items of a history that it reads. */
  maxHistory: number;
  /** Weight of an item by that of the one after it, with which its histories have to come. */
  recency?: number;
  /** [items] 1 for those that it does not know. */
  newItems: Uint8Array;
  /** Measures it and the student, in a pass of their own, on what it has not learned from. */
  compare(contest: LiveContest): Promise<LiveComparison | undefined>;
}

export interface LiveContest {
  /** The student, with every seed. */
  students: readonly TimedRanker[];
  test: EvaluationData;
  /** [users, items] the histories as far as the live version reads them. */
  histories: Csr;
  counted: (user: number) => boolean;
  settings: {
    ks: readonly number[];
    recallDenominator: RecallDenominator;
    timedAnswers?: number | undefined;
  };
  rng: Rng;
}

/**
 * Opens the live version of a job that ranks items.
 * @param teaches the version that teaches: it is in the tables already, as `previous`
 * @returns also whether it is that one
 */
export async function openLiveRanking(
  run: LiveSources & { spec: { task: string } },
  job: RankingJob,
  teaches?: Pick<StoredTeacher, 'settings'>,
): Promise<{ live?: LiveContestant | undefined; taught: boolean }> {
  const version = await findLive(run);
  if (!version) return { taught: false };
  const { model, version: number } = teaches?.settings ?? {};
  if (model === version.model && number === version.version) return { taught: true };
  const live = await openLive(
    run,
    version,
    () => openStudent(run, version.artifact, job),
    job.task === undefined ? {} : { task: job.task },
  );
  return {
    live: live && { ...live, compare: (contest) => compareRankers(run, live, job, contest) },
    taught: false,
  };
}

/** @throws NotComparable for a student of another kind */
async function openStudent(
  { artifacts, spec }: LiveSources & { spec: { task: string } },
  artifact: string,
  job: RankingJob,
): Promise<Omit<LiveContestant, 'compare'>> {
  if (await holdsLabels(artifacts, artifact)) {
    throw new NotComparable('it predicts labels, and this job ranks items');
  }
  const { manifest, weights, items } = await loadStudent(artifacts, artifact);
  const whole = weightsOfTask(weights, job.task);
  const { recency } = whole;
  const isFaded = recency !== undefined && spec.task === 'single-label' && job.task === undefined;
  const own = isFaded ? withoutRecency(whole) : whole;
  const readsOrder = own.encoder !== undefined || own.recency !== undefined;
  if (own.rating) throw new NotComparable('it predicts ratings, and this job ranks items');
  if (readsOrder && spec.task !== 'sequential') {
    throw new NotComparable('it goes by the order of the histories, which this job does not read');
  }
  const users = own.features?.users;
  const readsUsers = users !== undefined && isDeepStrictEqual(users.encoding, job.userEncoding);
  if (users && !readsUsers) {
    throw new NotComparable('it reads features of users that this job does not read, or encodes otherwise');
  }
  const rows = new Map(items.map((id, row) => [id, row]));
  const oldRows = Int32Array.from(job.items, (id) => rows.get(id) ?? -1);
  const unknown = oldRows.filter((row) => row < 0).length;
  if (unknown === job.items.length) throw new NotComparable('it knows none of the items of the data');
  const maxHistory = manifest.maxHistory ?? MAX_HISTORY;
  const scale = manifest.scoreScale?.[job.task ?? DEFAULT_TASK];
  const ranker = previousRanker('live', createStudentScorer(own), oldRows, readsUsers);
  return {
    maxHistory,
    ...(isFaded && { recency }),
    newItems: Uint8Array.from(oldRows, (row) => Number(row < 0)),
    entry: {
      role: 'live',
      ranker: { ...ranker, ...(scale !== undefined && { scale }) },
      description: describeLive(
        describeStudent(weights),
        { live: { maxHistory, weighting: manifest.weighting }, job },
        { items: unknown, are: 'come last' },
      ),
      parameters: parameterCount(weights),
      bytes: manifest.files[WEIGHTS_FILE]!.bytes,
    },
  };
}

/** The part of a student that answers the task. @throws NotComparable where it has no such task */
function weightsOfTask(weights: StudentWeights, task: string | undefined): StudentWeights {
  const names = weights.heads?.map((head) => head.task);
  if (!names && task === undefined) return weights;
  if (!names) throw new NotComparable('it has one task, and this job several');
  if (task === undefined)
    throw new NotComparable(`it has the tasks ${names.join(' and ')}, and this job one`);
  const head = names.indexOf(task);
  if (head < 0) throw new NotComparable(`it has no such task, but ${names.join(' and ')}`);
  return studentOfTask(weights, head);
}

function compareRankers(
  run: LiveSources,
  { entry, newItems, version, learned }: Omit<LiveContestant, 'compare'> & LiveVersion,
  { users, items, task }: RankingJob,
  { students, test, histories, counted, settings, rng }: LiveContest,
): Promise<LiveComparison | undefined> {
  return warnIfNot(run, version, task, async () => {
    const matrix = pairsOf(test.heldOut, counted);
    const fair = fairTest({ users, items, matrix }, learned);
    const live = { ...entry, version: version.version, ranker: { ...entry.ranker, histories } };
    const known = unionRows(test.known ?? test.histories, fair.learned);
    const measured = await evaluate(
      [live.ranker, ...students],
      { ...test, known, heldOut: fair.heldOut, newItems },
      settings,
    );
    const [own, ...theirs] = measured.outcomes;
    const resampling = createResampling(measured.users.length, rng, students.length);
    const student = joinOutcomes(theirs);
    const evaluated = { histories, users: measured.users };
    const [model] = await reportEntries([live], [own!], evaluated, resampling, settings.timedAnswers);
    const { metrics } = rankerFigures(student, resampling);
    const over = { users: usersOf(fair.heldOut), pairs: fair.heldOut.indices.length, student: metrics };
    return {
      model: {
        ...model!,
        description: `${model!.description}; over ${over.users} users with ${over.pairs} test pairs that it has not learned from`,
        over,
      },
      gains: pairRankers(resampling).gain(student, own!),
    };
  });
}
