import type { Static } from 'typebox';
import { Type } from 'typebox';
import { ReadingQuery } from './query.ts';
import type { ColumnMapping, Reading } from './reading.ts';

const Query = Type.Object(ReadingQuery);
type Query = Static<typeof Query>;
type Parsers = { [Name in keyof Query]-?: (text: NonNullable<Query[Name]>) => Reading[Name & keyof Reading] };

/** A sentence about an option that cannot be read. */
export class OptionProblem extends Error {}

const same = <T>(value: T) => value;
const sign = (text: string) => (/^(tab|\\t)$/.test(text) ? '\t' : text === 'space' ? ' ' : text);

const PARSERS: Parsers = {
  columns: (text) => parseColumns(text),
  delimiter: (text) => {
    const delimiter = sign(text);
    if (!/["\r\n]/.test(delimiter)) return delimiter;
    throw new OptionProblem('delimiter must be a sign such as ; or tab, neither a quote nor a line end');
  },
  header: same,
  names: (text) => {
    const names = text.split(',').map((name) => name.trim());
    const bad = names.find((name, i) => name === '' || names.indexOf(name) !== i);
    if (bad === undefined) return names;
    throw new OptionProblem(
      bad === '' ? 'names has an empty name; name every column' : `names has ${bad} twice`,
    );
  },
  quote: (text) => {
    if (text === 'none') return '';
    if (text.length === 1 && !/[\s,]/.test(text)) return text;
    throw new OptionProblem(`quote must be one sign or none; got ${JSON.stringify(text)}`);
  },
  escape: same,
  comment: same,
  section: same,
  encoding: (text) => {
    if (text === 'auto') return text;
    try {
      return new TextDecoder(text).encoding;
    } catch {
      throw new OptionProblem(
        `encoding must be auto or a name such as windows-1252, utf-16le or gb18030; got ${JSON.stringify(text)}`,
      );
    }
  },
  decimal: same,
  timestampFormat: same,
  timezone: (text) => {
    if (isZone(text)) return text;
    throw new OptionProblem(
      `timezone must be a zone such as Europe/Berlin or an offset such as +02:00; got ${JSON.stringify(text)}`,
    );
  },
  listSeparator: sign,
  valueSeparator: sign,
  values: (text) => {
    const values: Record<string, number> = {};
    for (const [from, to] of pairsOf('values', text, 'true:1,false:-1')) {
      if (to === '' || !Number.isFinite(Number(to))) {
        throw new OptionProblem(`values must give numbers, as in true:1,false:-1; got ${from}:${to}`);
      }
      values[from] = Number(to);
    }
    return values;
  },
  types: (text) => Object.fromEntries(pairsOf('types', text, '1:click,2:purchase')),
  nulls: (text) => (text === '' ? [] : text.split(',')),
  trim: same,
  files: same,
};

/** @throws OptionProblem that names the option and says what would be right */
export function parseReading(query: Query): Reading {
  const reading: Record<string, unknown> = {};
  for (const name of Object.keys(ReadingQuery) as (keyof Query)[]) {
    const text = query[name];
    if (text !== undefined) reading[name] = (PARSERS[name] as (text: unknown) => unknown)(text);
  }
  return reading as Reading;
}

function pairsOf(option: string, text: string, example: string): [string, string][] {
  return text.split(',').map((part) => {
    const colon = part.lastIndexOf(':');
    const from = part.slice(0, Math.max(0, colon)).trim();
    const to = part.slice(colon + 1).trim();
    if (from !== '' && to !== '') return [from, to];
    throw new OptionProblem(
      `${option} must be pairs such as ${example}; got ${JSON.stringify(part.slice(0, 100))}`,
    );
  });
}

/**
 * Reads `userId:user,itemId:movieId|film,value:rating`.
 * @throws OptionProblem
 */
export function parseColumns(text: string): ColumnMapping {
  const columns: ColumnMapping = {};
  for (const part of text.split(',')) {
    const colon = part.indexOf(':');
    const field = part.slice(0, Math.max(0, colon)).trim();
    const sources = part
      .slice(colon + 1)
      .split('|')
      .map((name) => name.trim());
    if (colon < 0 || field === '' || sources.includes('')) {
      throw new OptionProblem(
        `columns must be pairs such as userId:user,itemId:movieId; got ${JSON.stringify(part.slice(0, 100))}`,
      );
    }
    if (Object.hasOwn(columns, field)) throw new OptionProblem(`columns names the field ${field} twice`);
    columns[field] = sources;
  }
  return columns;
}

/** Offsets are understood by no Intl of every release, so they are looked at here. */
function isZone(text: string): boolean {
  if (/^[+-]\d{2}(:?\d{2})?$/.test(text)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
