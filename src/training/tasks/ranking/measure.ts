import type { Rng } from '../../../core/rng.ts';
import { countedUsers, KIND_OF, whyNoUsers } from '../../../dataset/split/kinds.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { compareModels } from '../../../evaluation/comparison.ts';
import { type EvaluationData, evaluate } from '../../../evaluation/evaluate.ts';
import { historyReports } from '../../../evaluation/history-reports.ts';
import type { RecallDenominator } from '../../../evaluation/metrics.ts';
import { pairRankers, rankerFigures } from '../../../evaluation/report.ts';
import { outcomeOf } from '../../../evaluation/some-users.ts';
import { type Entry, reportEntries } from './entries.ts';
import { type ScaleData, withScales } from './scales.ts';

export interface RankerTest {
  /** Test pairs and what is known when they are predicted. */
  test: Omit<EvaluationData, 'counted'>;
  /** Validation pairs and what is known then: scales are fitted on them. */
  validation: ScaleData;
  split: Split;
  /** [users] the kinds of their histories for this student. */
  kinds: Uint8Array;
}

export interface MeasureSettings {
  ks: readonly number[];
  recallDenominator: RecallDenominator;
  /** Recommendations of each ranker that are timed; unset: as many as a report needs. */
  timedAnswers?: number | undefined;
  /** Share of the test users that was to be left out of training. */
  unseenShare: number;
}

export type Measurement = Pick<Report, 'models' | 'comparison' | 'histories'> & {
  /** A report for each member of an ensemble. */
  members: ModelReport[];
  /** The test users whom the tables count. */
  users: Int32Array;
};

/**
 * Measures rankers on all test users in one pass. Tables and comparison are over known users, or over all where no test user is
 * known; the kinds of histories are reported each by itself.
 *
 * @param own the teacher first, with which the others are compared
 * @param members parts of the teacher, which are compared with nothing
 */
export async function measureRankers(
  own: readonly Entry[],
  members: readonly Entry[],
  { test, validation, split, kinds }: RankerTest,
  { ks, recallDenominator, timedAnswers, unseenShare }: MeasureSettings,
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<Measurement> {
  const counted = countedUsers(kinds, split.test);
  const entries = withScales([...own, ...members], validation, kinds, rng.fork('scales'));
  const { users, outcomes: all } = await evaluate(
    entries.map(({ ranker }) => ranker),
    { ...test, counted },
    { ks, recallDenominator, onBatch: onFraction },
  );
  const placesOf = (isWanted: (user: number) => boolean) =>
    Int32Array.from(users.keys()).filter((place) => isWanted(users[place]!));
  const places = placesOf(counted);
  const outcomes = all.map((outcome) => outcomeOf(outcome, places));
  const resampling = createResampling(places.length, rng);
  const asked = { histories: test.histories, users };
  const reports = reportEntries(entries, outcomes, asked, resampling, timedAnswers);
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
        whyNone: (kind) => whyNoUsers(kind, { ...split, kinds }, unseenShare),
        some: outcomeOf,
        figures: rankerFigures,
        pair: pairRankers,
      },
      rng.fork('histories'),
    ),
    users: users.filter(counted),
  };
}
