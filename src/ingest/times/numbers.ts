import type { ReadTime } from './pattern.ts';
import type { ToUtc } from './zone.ts';

/** A number without a sign, as text: also as programs of statistics write it, 1.2096e+09. */
const NUMBER = /^\d+(\.\d*)?(e\+?\d+)?$/i;

export const isNumber = (text: string) => NUMBER.test(text);

const unit =
  (msPerUnit: number): ReadTime =>
  (text) =>
    isNumber(text) ? Math.round(Number(text) * msPerUnit) : Number.NaN;

/** Units of time since 1970, by the least number that is taken for one of them when nobody says: 1973 in each. */
export const UNITS = [
  { name: 's', from: 1e8, says: 'seconds since 1970', read: unit(1000) },
  { name: 'ms', from: 1e11, says: 'milliseconds since 1970', read: unit(1) },
  { name: 'us', from: 1e14, says: 'microseconds since 1970', read: unit(1e-3) },
  { name: 'ns', from: 1e17, says: 'nanoseconds since 1970', read: unit(1e-6) },
] as const;

/** The unit by the size of each number; what would lie before 1973 is none. */
export const unixReader: ReadTime = (text) => {
  if (!isNumber(text)) return Number.NaN;
  const number = Number(text);
  const found = UNITS.findLast(({ from }) => number >= from);
  return found ? found.read(text) : Number.NaN;
};

/** The day that Excel counts as 25569 is the first of 1970. */
const EXCEL_1970 = 25_569;
export const EXCEL_DAYS = { from: 20_000, to: 80_000 };

export function excelReader(toUtc: ToUtc): ReadTime {
  return (text) => {
    if (!isNumber(text)) return Number.NaN;
    // To the second: the decimals of a day are cut somewhere.
    return toUtc(Math.round((Number(text) - EXCEL_1970) * 86_400) * 1000);
  };
}
