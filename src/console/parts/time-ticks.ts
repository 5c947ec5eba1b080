const HOUR = 3600;
const DAY = 24 * HOUR;

/** Steps of an axis of time, in seconds, none below one second. A month counts 30 days and a year 365, which uPlot takes for whole ones. */
export const TIME_STEPS = [
  ...[1, 5, 15, 30, 60, 300, 900, 1800, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR],
  ...[1, 2, 5, 10, 15, 30, 60, 90, 180, 365, 730, 1825, 3650].map((days) => days * DAY),
];

const formatOf = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const SECONDS = formatOf({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTES = formatOf({ hour: '2-digit', minute: '2-digit' });
const ON_DAY = formatOf({ day: 'numeric', month: 'short' });
const IN_MONTH = formatOf({ month: 'short' });
const YEAR = formatOf({ year: 'numeric' });

/**
 * Labels of an axis of time, in the time zone of the browser; the day, or the year, stands below the first of each.
 * @param ticks in seconds since 1970
 * @param step seconds between two
 */
export function timeLabels(ticks: readonly number[], step: number): string[] {
  const [upper, lower] =
    step < 60
      ? [SECONDS, ON_DAY]
      : step < DAY
        ? [MINUTES, ON_DAY]
        : step < 28 * DAY
          ? [ON_DAY, YEAR]
          : step < 365 * DAY
            ? [IN_MONTH, YEAR]
            : [YEAR, null];
  let last = '';
  return ticks.map((tick) => {
    const below = lower?.format(tick * 1000) ?? '';
    const isNew = below !== last;
    last = below;
    return `${upper.format(tick * 1000)}${isNew ? `\n${below}` : ''}`;
  });
}
