import type { Rng } from '../../../core/rng.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { KIND_OF } from '../../../dataset/split/history-kinds.ts';
import { countedUsers, whyNoUsers } from '../../../dataset/split/kinds.ts';
import type { NewestPairs } from '../../../dataset/split/newest.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { compareModels } from '../../../evaluation/comparison.ts';
import {
  type EvaluationData,
  evaluate,
  evaluatedUsers,
  type OnRanked,
} from '../../../evaluation/evaluate.ts';
import { historyReports } from '../../../evaluation/history-reports.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import { pairRankers, rankerFigures } from '../../../evaluation/report.ts';
import { joinSeeds, seedReports } from '../../../evaluation/seeds.ts';
import { joinOutcomes, outcomeOf } from '../../../evaluation/some-users.ts';
import type { Outcome } from '../../../evaluation/tally.ts';
import { withLive } from '../../live/live-comparison.ts';
import { type Entry, reportEntries } from './entries.ts';
import { createExamples, type Examples } from './examples.ts';
import type { LiveContestant } from './live.ts';
import { type ScaleData, withScales } from './scales.ts';

export interface RankerTest {
  /** Test pairs and what is known when they are predicted. */
  test: Omit<EvaluationData, 'counted'>;
  /** Times of the pairs in the histories of the test, for the examples. */
  newest?: NewestPairs | undefined;
  /** Validation pairs and what is known then: scales are fitted on them. */
  validation: ScaleData;
  split: Split;
  /** [users] the kinds of their histories for this student. */
  kinds: Uint8Array;
  /** The version that is live, and [users, items] the histories as far as it reads them. */
  live?: (Pick<LiveContestant, 'compare'> & { histories: Csr }) | undefined;
}

export interface MeasureSettings {
  ks: readonly number[];
  recallDenominator: RecallDenominator;
  /** Recommendations of each ranker that are timed; unset: as many as a report needs. */
  timedAnswers?: number | undefined;
  /** Told of every list, for tests of what is served. */
  onRanked?: OnRanked | undefined;
  /** Share of the test users that was to be left out of training. */
  unseenShare: number;
  /** The seeds that models were trained with; the rankers of every further one come again under their names. */
  seeds: readonly number[];
}

export type Measurement = Pick<Report, 'models' | 'comparison' | 'histories' | 'seeds'> & {
  /** A report for each member of an ensemble. */
  members: ModelReport[];
  /** Lists of some test users. @param items ids by row */
  examples: Examples['named'];
  /** The test users whom the tables count. */
  users: Int32Array;
};

/**
 * Measures rankers on all test users in one pass. Tables and comparison are over known users, or over all where no test user is
 * known; the kinds of histories are reported each by itself.
 *
 * @param own the teacher first, with which the others are compared; those of further seeds last, in the order of the seeds
 * @param members parts of the teacher, which are compared with nothing
 */
export async function measureRankers(
  own: readonly Entry[],
  members: readonly Entry[],
  { test, newest, validation, split, kinds, live }: RankerTest,
  { ks, recallDenominator, timedAnswers, onRanked, unseenShare, seeds }: MeasureSettings,
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<Measurement> {
  const counted = countedUsers(kinds, split.test);
  const part = (from: number, to: number) => (done: number) => onFraction(from + (to - from) * done);
  const scalesRng = rng.fork('scales');
  const entries = await withScales([...own, ...members], validation, kinds, scalesRng, part(0, 0.1));
  const everybody = evaluatedUsers(test.heldOut);
  const examples = createExamples(everybody, test.histories, newest, rng.fork('examples'));
  const { users, outcomes: all } = await evaluate(
    entries.map(({ ranker }) => ranker),
    { ...test, counted },
    {
      ...{ ks, recallDenominator, onBatch: part(0.1, 0.85), onRanked: toBoth(examples.note, onRanked) },
    },
  );
  const placesOf = (isWanted: (user: number) => boolean) =>
    Int32Array.from(users.keys()).filter((place) => isWanted(users[place]!));
  const some = (outcome: Outcome, at: Int32Array) => outcomeOf(outcome, at, users.length);
  const places = placesOf(counted);
  const resampling = createResampling(places.length, rng, seeds.length);
  const trained = entries.map((entry, i) => ({ entry, name: entry.ranker.name, outcome: all[i]! }));
  const whole = joinSeeds(trained, joinOutcomes);
  const counting = whole.map((model) => ({ ...model, outcome: some(model.outcome, places) }));
  const reports = await reportEntries(
    counting.map(({ entry }) => entry),
    counting.map(({ outcome }) => outcome),
    { histories: test.histories, users },
    resampling,
    timedAnswers,
    part(0.85, 0.95),
  );
  const models = reports.slice(0, reports.length - members.length);
  const measured = models.map(({ name, role, bytes }, i) => ({
    name,
    role,
    bytes,
    outcome: counting[i]!.outcome,
  }));
  const bySeed = models.flatMap(({ name }) =>
    trained
      .filter((one) => one.name === name)
      .map(({ outcome }) => ({ name, outcome: some(outcome, places) })),
  );
  const contest = {
    students: entries.map(({ ranker }) => ranker).filter(({ name }) => name === 'student'),
    test,
    counted,
    settings: { ks, recallDenominator, timedAnswers },
    rng: rng.fork('live'),
  };
  const compared = await live?.compare({ ...contest, histories: live.histories });
  await onFraction(0.95);
  const figures = { models, comparison: compareModels(measured, pairRankers(resampling)) };
  await onFraction(0.97);
  return {
    ...withLive(figures, compared),
    members: reports.slice(models.length),
    histories: historyReports(
      {
        models: measured.map((model, i) => ({ ...model, outcome: whole[i]!.outcome })),
        placesOf: (kind) => placesOf((user) => kinds[user] === KIND_OF[kind]),
        whyNone: (kind) => whyNoUsers(kind, { ...split, kinds }, unseenShare),
        seeds: seeds.length,
        some,
        figures: rankerFigures,
        pair: pairRankers,
      },
      rng.fork('histories'),
    ),
    ...(seeds.length > 1 && { seeds: seedReports(seeds, bySeed, rankerFigures) }),
    examples: examples.named,
    users: users.filter(counted),
  };
}

function toBoth(first: OnRanked, second: OnRanked = () => {}): OnRanked {
  return (...ranked) => {
    first(...ranked);
    second(...ranked);
  };
}
