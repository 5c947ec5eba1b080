import { type Clock, msOf, offsetOf, wallOf } from './clock.ts';
import type { ToUtc } from './zone.ts';

/** Milliseconds since 1970, NaN where the text is not written so. */
export type ReadTime = (text: string) => number;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

type Reading = Clock & { pm?: boolean };
type Take = (clock: Reading, text: string) => void;

const part =
  (
    name: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'ms',
    read: (text: string) => number = Number,
  ): Take =>
  (clock, text) => {
    clock[name] = read(text);
  };
const shortYear = (text: string) => Number(text) + (Number(text) > 60 ? 1900 : 2000);
const monthNamed = (text: string) => MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1;
const offset: Take = (clock, text) => {
  clock.offset = offsetOf(text.length === 2 ? `${text[0]}0${text[1]}` : text);
};
const half: Take = (clock, text) => {
  clock.pm = text.toLowerCase() === 'p';
};

/** Luxon's tokens, in English. https://moment.github.io/luxon/#/parsing?id=table-of-tokens */
const TOKENS: Record<string, [regex: string, take?: Take]> = {
  yyyy: ['(\\d{4})', part('year')],
  yy: ['(\\d{2})', part('year', shortYear)],
  MMMM: ['([a-z]{3,9})', part('month', monthNamed)],
  MMM: ['([a-z]{3})', part('month', monthNamed)],
  MM: ['(\\d{2})', part('month')],
  M: ['(\\d{1,2})', part('month')],
  dd: ['(\\d{2})', part('day')],
  d: ['(\\d{1,2})', part('day')],
  HH: ['(\\d{2})', part('hour')],
  H: ['(\\d{1,2})', part('hour')],
  hh: ['(0[1-9]|1[0-2])', part('hour')],
  h: ['(0?[1-9]|1[0-2])', part('hour')],
  mm: ['(\\d{2})', part('minute')],
  m: ['(\\d{1,2})', part('minute')],
  ss: ['(\\d{2})', part('second')],
  s: ['(\\d{1,2})', part('second')],
  SSS: ['(\\d{3})', part('ms', msOf)],
  S: ['(\\d{1,9})', part('ms', msOf)],
  a: ['([ap])\\.?m\\.?', half],
  EEEE: ['[a-z]{6,9}'],
  EEE: ['[a-z]{3}'],
  ZZZ: ['([+-]\\d{4}|Z|UTC|GMT)', offset],
  ZZ: ['([+-]\\d{2}:?\\d{2}|Z|UTC|GMT)', offset],
  Z: ['([+-]\\d{1,2}(?::?\\d{2})?|Z|UTC|GMT)', offset],
};
const TOKEN =
  /'([^']*)'|(yyyy|yy|M{1,4}|dd?|HH?|hh?|mm?|ss?|SSS|S|a|EEEE|EEE|Z{1,3})|([A-Za-z])|(\s+)|([\s\S])/g;

/**
 * Reads times of one pattern of Luxon's tokens. Luxon itself takes forty microseconds for a time, a hundred times what
 * the rest of a row takes; the tests compare the two.
 * @returns what is wrong with the pattern, as a text, when it cannot be used
 */
export function patternReader(pattern: string, toUtc: ToUtc): ReadTime | string {
  const takes: Take[] = [];
  let source = '';
  for (const [, literal, token, letter, blanks, sign] of pattern.matchAll(TOKEN)) {
    if (token !== undefined) {
      const [regex, take] = TOKENS[token]!;
      source += regex;
      if (take) takes.push(take);
    } else if (letter !== undefined) {
      return `the token ${letter} is not known; put letters that are no tokens between single quotes`;
    } else if (blanks !== undefined) source += '\\s+';
    else source += escaped(literal ?? sign!);
  }
  if (!/yy/.test(pattern) || !/M/.test(pattern) || !/d/.test(pattern)) {
    return 'it needs a year (yyyy), a month (MM) and a day (dd)';
  }
  const regex = new RegExp(`^${source}$`, 'i');
  return (text) => {
    const match = regex.exec(text);
    if (!match) return Number.NaN;
    const clock: Reading = {
      year: 0,
      month: 1,
      day: 1,
      hour: 0,
      minute: 0,
      second: 0,
      ms: 0,
      offset: undefined,
    };
    for (let i = 0; i < takes.length; i++) takes[i]!(clock, match[i + 1]!);
    if (clock.pm !== undefined) clock.hour = (clock.hour % 12) + (clock.pm ? 12 : 0);
    return momentOf(clock, toUtc);
  };
}

export function momentOf(clock: Clock, toUtc: ToUtc): number {
  const wall = wallOf(clock);
  return clock.offset === undefined ? toUtc(wall) : wall - clock.offset * 60_000;
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
