import type { Online } from '../../../domain/traffic/online.ts';

export type OnlineVersion = Online['versions'][number];

/** Rates that are shown by version. */
export const RATES = ['clickThrough', 'conversions', 'revenue'] as const;
export type RateName = (typeof RATES)[number];

export const RATE_TITLES: Record<RateName, string> = {
  clickThrough: 'Click-through',
  conversions: 'Conversions per list',
  revenue: 'Revenue per list',
};

export interface Rate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** A rate of a version with its interval. */
export function rateOf(row: OnlineVersion, name: RateName): Rate {
  const [value, interval] = {
    clickThrough: [row.clickThroughRate, row.clickThroughInterval] as const,
    conversions: [row.conversionsPerServed, row.conversionsInterval] as const,
    revenue: [row.revenuePerServed, row.revenueInterval] as const,
  }[name];
  return { value, low: interval?.low ?? null, high: interval?.high ?? null };
}

/** `version 4`, or with the variant that it answered as. */
export const onlineName = ({ version, variant }: Pick<OnlineVersion, 'version' | 'variant'>): string =>
  variant === null ? `version ${version}` : `${variant} (version ${version})`;

export interface Line {
  name: string;
  /** One for each day; null where the version served nothing on it. */
  points: (Rate | null)[];
}

/** Every version's rate day by day. Days on which nothing was served at all are there too, so that the axis is one of time. */
export function linesOf(
  byDay: NonNullable<Online['byDay']>,
  name: RateName,
): { days: string[]; lines: Line[] } {
  const days = daysBetween(byDay[0]?.day, byDay.at(-1)?.day);
  const names = [...new Set(byDay.flatMap(({ versions }) => versions.map(onlineName)))].sort();
  const rowsOf = new Map(byDay.map(({ day, versions }) => [day, versions]));
  const lines = names.map((line) => ({
    name: line,
    points: days.map((day) => {
      const row = rowsOf.get(day)?.find((one) => onlineName(one) === line);
      return row ? rateOf(row, name) : null;
    }),
  }));
  return { days, lines };
}

const DAY_MS = 86_400_000;

function daysBetween(first: string | undefined, last: string | undefined): string[] {
  if (first === undefined || last === undefined) return [];
  const count = Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, i) =>
    new Date(Date.parse(first) + i * DAY_MS).toISOString().slice(0, 10),
  );
}
