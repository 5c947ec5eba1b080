import type { MeasuredByName } from '../../domain/reports/measured.ts';
import type { Report } from '../../domain/reports/report.ts';

export interface Compared {
  /** Users over whom the figures are. */
  users: number;
  /** The second version's metric less the first's; of errors the other way round, so that above 0 the second is better. */
  differences: MeasuredByName;
}

/** The comparison that the report of the newer or the older version holds of the two; undefined where neither does. */
export function fromReports(
  [first, second]: readonly [number, number],
  reports: readonly [Report, Report],
): Compared | undefined {
  const of = (report: Report, other: number): Compared | undefined => {
    const row = report.models.find(
      ({ role, version }) => (role === 'live' || role === 'previous') && version === other,
    );
    const gains = row?.role === 'live' ? report.comparison.gainOverLive : report.comparison.gainOverPrevious;
    if (!row || !gains) return undefined;
    return { users: row.over?.users ?? report.data.testUsers, differences: gains };
  };
  const direct = of(reports[1], first);
  if (direct) return direct;
  const turned = of(reports[0], second);
  return turned && { users: turned.users, differences: negated(turned.differences) };
}

function negated(gains: MeasuredByName): MeasuredByName {
  return Object.fromEntries(
    Object.entries(gains).map(([metric, { value, low, high }]) => [
      metric,
      // Plus 0, so that no difference is -0.
      { value: 0 - value, low: 0 - high, high: 0 - low },
    ]),
  );
}
