const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const DASH = '–';

type Maybe = number | null | undefined;

/** Thousands with commas; a dash for what is missing. */
export const whole = (value: Maybe): string => (value == null ? DASH : WHOLE.format(value));

/** Fixed digits behind the point, so that figures of a column stand below each other. */
export const fixed = (value: Maybe, digits = 4): string => (value == null ? DASH : value.toFixed(digits));

/** Fixed digits with a sign before them: `+0.0136`, `−0.0021`. */
export function signed(value: Maybe, digits = 4): string {
  if (value == null) return DASH;
  const text = Math.abs(value).toFixed(digits);
  return `${Number(text) === 0 ? '±' : value < 0 ? '−' : '+'}${text}`;
}

/** A share from 0 to 1 as percent. */
export const percent = (share: Maybe, digits = 1): string =>
  share == null ? DASH : `${(share * 100).toFixed(digits)} %`;

export function bytes(count: Maybe): string {
  if (count == null) return DASH;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Seconds as `1.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: Maybe): string {
  if (seconds == null) return DASH;
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const parts: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = parts.findIndex(([size]) => seconds >= size);
  const [size, unit] = parts[first]!;
  const [nextSize = 1, nextUnit = ''] = parts[first + 1] ?? [];
  const rest = Math.floor((seconds % size) / nextSize);
  return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${nextUnit}` : ''}`;
}

/** An estimate of seconds: `about 3 min 20 s`. */
export const roughly = (seconds: number): string =>
  seconds < 1 ? 'less than 1 s' : `about ${duration(seconds)}`;

/** `3 jobs`, `1 job`. @param several where it is not the word with an s */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : several}`;
