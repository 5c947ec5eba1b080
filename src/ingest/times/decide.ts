import { isoReader } from './iso.ts';
import { EXCEL_DAYS, excelReader, isNumber, UNITS, unixReader } from './numbers.ts';
import { patternReader, type ReadTime } from './pattern.ts';
import { type ToUtc, zoneOf } from './zone.ts';

export interface TimeReader {
  /** The format in words, for the result of an import. */
  name: string;
  read: ReadTime;
}

export interface TimeOptions {
  /** As `timestampFormat`; undefined and auto look at the column. */
  format?: string | undefined;
  timezone?: string | undefined;
}

const DAYS = [
  'dd.MM.yyyy',
  'd.M.yyyy',
  'd MMM yyyy',
  'd-MMM-yyyy',
  'MMM d, yyyy',
  'MMMM d, yyyy',
  'd MMMM yyyy',
];
/** Day or month first: only the column tells, or nobody. */
const DAY_FIRST = ['d/M/yyyy', 'd-M-yyyy'];
const MONTH_FIRST = ['M/d/yyyy', 'M-d-yyyy', 'MM d, yyyy'];
const HOURS = [
  '',
  ' H:mm',
  ' H:mm:ss',
  ' H:mm:ss.S',
  ', H:mm',
  ', H:mm:ss',
  ' h:mm a',
  ' h:mm:ss a',
  ', h:mm:ss a',
  ', h:mm a',
];
const WHOLE = [
  'EEE MMM d H:mm:ss ZZZ yyyy',
  'EEE MMM d H:mm:ss yyyy',
  'EEE, d MMM yyyy H:mm:ss ZZZ',
  'd/MMM/yyyy:H:mm:ss ZZZ',
  "yyyyMMdd'T'HHmmssZ",
];
/** The share of a column that has to be written in one way; the rest is refused row by row. */
const ENOUGH = 0.9;
const times = (days: readonly string[]) => days.flatMap((day) => HOURS.map((hour) => day + hour));

/**
 * Decides how the times of a column are written.
 * @param sample some of its texts that are not empty
 * @returns the reader, or a sentence that says why nobody can tell and what would
 */
export function decideTimes(sample: readonly string[], options: TimeOptions = {}): TimeReader | string {
  const { format = 'auto', timezone = 'UTC' } = options;
  const toUtc = zoneOf(timezone);
  const named = (name: string, read: ReadTime): TimeReader => ({
    name: timezone === 'UTC' ? name : `${name}, ${timezone} where no zone is named`,
    read,
  });
  if (format !== 'auto') {
    const reader = timeReader(format, toUtc);
    return typeof reader === 'string'
      ? `timestampFormat ${JSON.stringify(format)} cannot be used: ${reader}`
      : named(format, reader);
  }
  if (sample.length === 0) return named('iso or Unix time', eitherReader(toUtc));
  const numbers = sample.filter(isNumber);
  if (numbers.length >= ENOUGH * sample.length) {
    const decided = decideNumbers(numbers, toUtc);
    return typeof decided === 'string' ? decided : named(decided.name, decided.read);
  }
  const fits = (read: ReadTime) =>
    sample.filter((text) => !Number.isNaN(read(text))).length >= ENOUGH * sample.length;
  const first = (patterns: readonly string[]) => {
    for (const pattern of patterns) {
      const read = patternReader(pattern, toUtc) as ReadTime;
      if (fits(read)) return { pattern, read };
    }
    return undefined;
  };
  const iso = isoReader(toUtc);
  if (fits(iso)) return named('iso', iso);
  const dayFirst = first(times(DAY_FIRST));
  const monthFirst = first(times(MONTH_FIRST));
  if (dayFirst && monthFirst && !/[ap]\.?m/i.test(sample[0]!)) {
    const differ = sample.find((text) => dayFirst.read(text) !== monthFirst.read(text));
    if (differ !== undefined) {
      return `Times such as ${differ} may have the day or the month first; say timestampFormat=${dayFirst.pattern} or timestampFormat=${monthFirst.pattern}`;
    }
  }
  const found = monthFirst ?? dayFirst ?? first([...times(DAYS), ...WHOLE]);
  return found ? named(found.pattern, found.read) : named('iso or Unix time', eitherReader(toUtc));
}

function timeReader(format: string, toUtc: ToUtc): ReadTime | string {
  const unit = UNITS.find(({ name }) => name === format);
  if (unit) return unit.read;
  if (format === 'iso') return isoReader(toUtc);
  if (format === 'excel') return excelReader(toUtc);
  const reader = patternReader(format, toUtc);
  if (typeof reader !== 'string') return reader;
  return `${reader}; it is auto, iso, excel, s, ms, us, ns or a pattern such as dd/MM/yyyy HH:mm`;
}

/** Each cell for itself, where a column has both. */
function eitherReader(toUtc: ToUtc): ReadTime {
  const iso = isoReader(toUtc);
  return (text) => (isNumber(text) ? unixReader(text) : iso(text));
}

function decideNumbers(sample: readonly string[], toUtc: ToUtc): TimeReader | string {
  for (const pattern of ['yyyyMMdd', 'yyyyMMddHHmmss', 'yyyyMMddHHmm']) {
    const read = patternReader(pattern, toUtc) as ReadTime;
    const isDate = (text: string) => /^(19|20)\d\d/.test(text) && !Number.isNaN(read(text));
    const dates = sample.filter(isDate).length;
    // Eight digits are no Unix time: where half of them are dates, the others are dates that do not exist.
    const isWritten = sample.every((text) => text.length === pattern.length) && pattern === 'yyyyMMdd';
    if (dates >= sample.length * (isWritten ? 0.5 : ENOUGH)) return { name: pattern, read };
  }
  const numbers = sample.map(Number);
  const [least, greatest] = [Math.min(...numbers), Math.max(...numbers)];
  const unit = UNITS.findLast(({ from }) => least >= from);
  if (unit) {
    const next = UNITS[UNITS.indexOf(unit) + 1]?.from ?? Number.POSITIVE_INFINITY;
    return greatest < next
      ? unit
      : { name: 'Unix time, the unit by the size of each number', read: unixReader };
  }
  const isExcel = least >= EXCEL_DAYS.from && greatest <= EXCEL_DAYS.to;
  if (isExcel && sample.some((text) => /\.\d*[1-9]/.test(text)))
    return { name: 'excel', read: excelReader(toUtc) };
  const example = sample[numbers.indexOf(least)]!;
  const excel = isExcel ? ', timestampFormat=excel where it counts days' : '';
  return `Numbers such as ${example} would be times before 1973; say timestampFormat=s where they count seconds or places in a sequence${excel}, or leave the column out`;
}
