import type { Layout } from './preset-kit.ts';

/**
 * Layout of the columns in Parquet, which has types and no signs between cells. Units of times are left to the column: a
 * Parquet file may have numbers or timestamps where the published file has numbers.
 * @returns undefined where columns go by their numbers
 */
export function asParquet(layout: Layout): Layout | undefined {
  const { columns, type, nulls, values, types, listSeparator, trim, inOrder } = layout;
  const { timestampFormat, timezone } = layout;
  const byNumber = Object.values(columns ?? {}).some((sources) =>
    sources.some((one) => /^\d+\+?$/.test(one)),
  );
  if (byNumber || layout.section) return undefined;
  const isUnit = timestampFormat !== undefined && /^(s|ms|us|ns)$/.test(timestampFormat);
  const kept = {
    columns,
    type,
    nulls,
    values,
    types,
    listSeparator,
    trim,
    inOrder,
    timezone,
  };
  const all = { ...kept, timestampFormat: isUnit ? undefined : timestampFormat };
  const set = Object.entries(all).filter(([, value]) => value !== undefined);
  return { format: 'parquet', ...Object.fromEntries(set) };
}
