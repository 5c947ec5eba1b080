import type { Rng } from '../core/rng.ts';
import { HISTORY_KINDS, type HistoryReport } from '../domain/reports/history-report.ts';
import { createResampling, type Resampling } from './bootstrap.ts';
import { compareModels, type Measurements, type Pairing } from './comparison.ts';

type Kind = (typeof HISTORY_KINDS)[number];
type Figures = Omit<HistoryReport['models'][number], 'name'>;

export interface HistoryParts<O> {
  /** The models with what was measured of them, over all test users. */
  models: readonly Measurements<O>[];
  /** Returns the positions of a kind's users among the evaluated ones. */
  placesOf(kind: Kind): Int32Array;
  /** Says why there are no users of a kind. */
  whyNone(kind: Kind): string;
  /** How often models were trained. */
  seeds: number;
  /** Restricts an outcome to the users at these places. */
  some(outcome: O, places: Int32Array): O;
  figures(outcome: O, resampling: Resampling): Figures;
  pair(resampling: Resampling): Pairing<O>;
}

/** Returns the figures of every model over the users of each kind of history, with intervals over these users alone. */
export function historyReports<O>(parts: HistoryParts<O>, rng: Rng): HistoryReport[] {
  const { models, placesOf, whyNone, seeds, some, figures, pair } = parts;
  return HISTORY_KINDS.map((history) => {
    const places = placesOf(history);
    if (places.length === 0) return { history, users: 0, why: whyNone(history), models: [], retained: {} };
    const resampling = createResampling(places.length, rng.fork(history), seeds);
    const own = models.map((model) => ({ ...model, outcome: some(model.outcome, places) }));
    const { retained, gainOverAlone } = compareModels(own, pair(resampling));
    return {
      history,
      users: places.length,
      models: own.map(({ name, outcome }) => ({ name, ...figures(outcome, resampling) })),
      retained,
      gainOverAlone,
    };
  });
}
