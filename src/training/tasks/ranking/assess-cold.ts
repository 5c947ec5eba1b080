import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import { type Csr, rowLength, unionRows, widened } from '../../../dataset/matrix.ts';
import { seenBefore } from '../../../dataset/seen.ts';
import { maskedFor, withoutItems } from '../../../dataset/split/masked.ts';
import { drawUsers, MOST_TEST_USERS } from '../../../dataset/split/sample-test.ts';
import { askedWith, historyFor, type Split } from '../../../dataset/split/split.ts';
import { type EvaluationData, evaluate, evaluatedUsers, type Ranker } from '../../../evaluation/evaluate.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import type { SegmentRow } from '../../../evaluation/segment-tally.ts';
import { encodeAll } from '../../../features/encoding.ts';
import { withNewItems } from '../../../scoring/new-items.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { answersNewUsers, askColdUsers, ofUsers } from './cold-users.ts';
import { popularityRanker, studentRanker, teacherRanker } from './rankers.ts';
import type { TrainingData } from './training-data.ts';

export interface ColdContestants {
  teacher: Teacher;
  students: Record<string, StudentWeights>;
  /** [items] */
  popularity: Float32Array;
}

/** Segments by the names of the rankers. */
export type ColdSegments = Map<string, SegmentRow[]>;

interface ColdSettings {
  ks: readonly number[];
  /** Newest items of a history that are read. */
  maxHistory: number;
  recallDenominator: RecallDenominator;
}

/**
 * Measures the worth of features alone, beside popularity, at the largest k:
 * - `users:cold`: test users of whom only their features are known; where the split holds out users, nothing else of them was in
 * training either.
 * - `items:cold`: the pairs of items that were held out entirely, ranked among all items; `items:cold-only` among each other.
 */
export async function assessCold(
  contestants: ColdContestants,
  data: Pick<TrainingData, 'dataset' | 'cold' | 'said'> & { split: Split },
  settings: ColdSettings,
): Promise<ColdSegments> {
  const found: ColdSegments = new Map();
  const note = async (segment: string, rankers: Ranker[], all: EvaluationData) => {
    const heldOut = fewUsers(all.heldOut, data.dataset.users);
    const { users, outcomes } = await evaluate(rankers, { ...all, heldOut }, settings);
    const k = settings.ks.at(-1)!;
    for (const { name, metrics } of outcomes) {
      const mean = (metric: string) =>
        metrics[metric]!.reduce((sum, value) => sum + value, 0) / metrics[metric]!.length;
      const row = {
        segment,
        count: users.length,
        metrics: { [`recall@${k}`]: mean(`recall@${k}`), [`ndcg@${k}`]: mean(`ndcg@${k}`) },
      };
      if (users.length > 0) found.set(name, [...(found.get(name) ?? []), row]);
    }
  };
  if (data.said?.users) await note('users:cold', ...coldUsers(contestants, data));
  if (data.cold) {
    const { teacher, release } = longerTeacher(contestants.teacher, data.cold.bags);
    try {
      const [rankers, all] = coldItems({ ...contestants, teacher }, { ...data, ...settings }, data.cold);
      await note('items:cold', rankers, all);
      const known = data.dataset.items.length;
      await note(
        'items:cold-only',
        rankers.map((ranker) => amongCold(ranker, known)),
        all,
      );
    } finally {
      release();
    }
  }
  return found;
}

function coldUsers(
  { teacher, students, popularity }: ColdContestants,
  data: { dataset: TrainingData['dataset']; split: Split },
): [Ranker[], EvaluationData] {
  return [
    [
      ...(teacher.reads?.users ? [teacherRanker(teacher)] : []),
      ...Object.entries(students).map(([name, weights]) =>
        !answersNewUsers(weights)
          ? { ...popularityRanker(popularity), name }
          : studentRanker(name, createStudentScorer(weights)),
      ),
      popularityRanker(popularity),
    ],
    askColdUsers(data, popularity, 'test'),
  ];
}

function coldItems(
  { teacher, students, popularity }: Omit<ColdContestants, 'teacher'> & { teacher: Teacher | undefined },
  { dataset, split, maxHistory }: { dataset: TrainingData['dataset']; split: Split; maxHistory: number },
  { pairs, described, seen, hidden = new Int32Array(0) }: NonNullable<TrainingData['cold']>,
): [Ranker[], EvaluationData] {
  const histories = askedWith(split, historyFor(split, 'test'), maxHistory);
  const known = widened(maskedFor(split, dataset, 'test').known, pairs.columns);
  const longer = new Float32Array(pairs.columns);
  longer.set(popularity);
  return [
    [
      ...(teacher ? [teacherRanker(teacher)] : []),
      ...Object.entries(students).flatMap(([name, weights]) => {
        const encoding = weights.features?.items?.encoding;
        if (!encoding) return [];
        const longer = withNewItems(weights, encodeAll(encoding, described));
        return [studentRanker(name, createStudentScorer(longer))];
      }),
      popularityRanker(longer),
    ],
    {
      histories: widened(histories, pairs.columns),
      known: seen ? unionRows(known, seenBefore(seen, split.until?.test)) : known,
      hidden,
      heldOut: ofUsers(withoutItems(pairs, hidden), (user) => rowLength(histories, user) > 0),
      popularity: longer,
    },
  ];
}

function longerTeacher(teacher: Teacher, bags: Csr | undefined) {
  const longer = bags && teacher.withItems?.(bags);
  return { teacher: longer, release: () => longer?.dispose() };
}

/** Returns the ranker with the items that training knew out of the running. */
function amongCold(ranker: Ranker, known: number): Ranker {
  return {
    ...ranker,
    scores(histories) {
      const scores = ranker.scores(histories);
      const { rows, columns } = histories;
      for (let row = 0; row < rows; row++)
        scores.fill(Number.NEGATIVE_INFINITY, row * columns, row * columns + known);
      return scores;
    },
  };
}

/** The pairs of all users, or of a sample where they are very many. */
function fewUsers(pairs: Csr, ids: readonly string[]): Csr {
  const users = [...evaluatedUsers(pairs)];
  if (users.length <= MOST_TEST_USERS) return pairs;
  const drawn = new Set(drawUsers(users, ids, MOST_TEST_USERS));
  return ofUsers(pairs, (user) => drawn.has(user));
}
