import type { Rng } from '../core/rng.ts';
import { HISTORY_KINDS, type HistoryReport } from '../domain/reports/history-report.ts';
import type { Measured } from '../domain/reports/measured.ts';
import { createResampling, meanWithInterval, type Resampling } from './bootstrap.ts';
import { outcomeOf } from './some-users.ts';
import type { Outcome } from './tally.ts';

type Kind = (typeof HISTORY_KINDS)[number];

export interface HistoryParts {
  /** Outcomes over all evaluated users. */
  outcomes: readonly Outcome[];
  /** Returns the positions of a kind's users among the evaluated ones. */
  placesOf(kind: Kind): Int32Array;
  /** Says why there are no users of a kind. */
  whyNone(kind: Kind): string;
  /** Compares the student with the others, as the main table does. */
  compare(outcomes: readonly Outcome[], resampling: Resampling): Pick<HistoryReport, 'retained' | 'gainOverAlone'>;
}

/** The figures of every model over the users of each kind of history, with intervals over these users alone. */
export function historyReports({ outcomes, placesOf, whyNone, compare }: HistoryParts, rng: Rng): HistoryReport[] {
  return HISTORY_KINDS.map((history) => {
    const places = placesOf(history);
    if (places.length === 0) {
      return { history, users: 0, why: whyNone(history), models: [], retained: {} };
    }
    const resampling = createResampling(places.length, rng.fork(history));
    const own = outcomes.map((outcome) => outcomeOf(outcome, places));
    return {
      history,
      users: places.length,
      models: own.map((outcome) => modelOf(outcome, resampling)),
      ...compare(own, resampling),
    };
  });
}

function modelOf({ name, metrics, fidelity }: Outcome, resampling: Resampling): HistoryReport['models'][number] {
  const measured = (columns: Outcome['metrics']): Record<string, Measured> =>
    Object.fromEntries(
      Object.entries(columns).map(([key, column]) => [key, meanWithInterval(column, resampling)]),
    );
  const { loss: _, calibratedLoss: __, ...shown } = metrics;
  const isReference = Object.keys(fidelity).length === 0;
  return { name, metrics: measured(shown), fidelity: isReference ? null : measured(fidelity) };
}
