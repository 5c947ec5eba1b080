import { DEFAULT_NULLS, type Reading } from '../../domain/data/reading/reading.ts';
import type { TimeReader } from '../times/decide.ts';
import type { FieldType } from './fields.ts';

/** Why a value makes its row bad; stands in the value's place until the row is put together. */
export class Refused {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Reads one cell, or one value of JSON. Undefined where there is nothing; a `Refused` where the row is bad. */
export type ReadValue = (value: unknown) => unknown;

export interface ValueOptions
  extends Pick<Reading, 'nulls' | 'trim' | 'decimal' | 'values' | 'types' | 'listSeparator'> {
  /** Counts ids that had blanks around them. */
  onTrimmed(): void;
}

/** @param field its name, for reasons. @param time how the column's times are written */
export function valueReader(
  field: string,
  type: FieldType | 'feature',
  options: ValueOptions,
  time?: TimeReader,
): ReadValue {
  const nulls = new Set(options.nulls ?? DEFAULT_NULLS);
  switch (type) {
    case 'id':
      return idReader(field, nulls, options);
    case 'type':
      return typeReader(nulls, options.types);
    case 'number':
      // A score has to be there: what stands in its place is shown.
      return numberReader(field === 'score' ? new Set() : nulls, options);
    case 'time':
      return timeReader(field, nulls, time);
    case 'list':
      return listReader(nulls, options.listSeparator);
    case 'json':
      return (value) => (typeof value === 'string' ? parsedJson(value) : value);
    case 'boolean':
      return (value) => (typeof value === 'string' ? (BOOLEANS[value.trim().toLowerCase()] ?? value) : value);
    case 'text':
      return (value) => value;
    case 'feature':
      return (value) => (typeof value === 'string' && nulls.has(value) ? undefined : value);
  }
}

function idReader(
  field: string,
  nulls: ReadonlySet<string>,
  { trim = true, onTrimmed }: ValueOptions,
): ReadValue {
  const isOptional = field === 'eventId';
  return (value) => {
    // Integers that a double cannot hold come as text already (json.ts).
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    let id = String(value);
    if (trim && (mayBeBlank(id.charCodeAt(0)) || mayBeBlank(id.charCodeAt(id.length - 1)))) {
      const bare = id.trim();
      if (bare !== id) onTrimmed();
      id = bare;
    }
    if (nulls.has(id)) {
      if (isOptional) return undefined;
      return new Refused(
        `${field} is ${JSON.stringify(id)}, which stands for nothing; nulls= says which texts do`,
      );
    }
    return id === '' ? undefined : id;
  };
}

/** Blanks beyond ASCII are rare enough to be looked at closely. */
const mayBeBlank = (code: number) => code <= 32 || code > 126;

function typeReader(nulls: ReadonlySet<string>, types: Reading['types']): ReadValue {
  return (value) => {
    const text = typeof value === 'string' ? value.trim() : value;
    if (typeof text === 'string' && nulls.has(text)) return undefined;
    if (types && (typeof text !== 'object' || text === null) && Object.hasOwn(types, String(text))) {
      return types[String(text)];
    }
    return text === '' ? undefined : text;
  };
}

function numberReader(nulls: ReadonlySet<string>, { values, decimal }: ValueOptions): ReadValue {
  return (value) => {
    if (typeof value === 'number' && !values && !nulls.has(String(value))) return value;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return value;
    const text = String(value).trim();
    if (values && Object.hasOwn(values, text)) return values[text];
    if (text === '' || nulls.has(text)) return undefined;
    if (typeof value === 'boolean') return value;
    const number = decimal === ',' ? withComma(text) : Number(text);
    // Other text stays text, so that the row's check can show it.
    return Number.isFinite(number) ? number : value;
  };
}

/** Points group three digits each: 4.5 is no number there, and must not become 45. */
const WITH_COMMA = /^[-+]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)?$/;

const withComma = (text: string) =>
  WITH_COMMA.test(text) ? Number(text.replaceAll('.', '').replace(',', '.')) : Number.NaN;

/** Numbers below it would be taken for seconds by the check of the row. */
const FIRST_MILLISECONDS = 1e11;

function timeReader(field: string, nulls: ReadonlySet<string>, time: TimeReader | undefined): ReadValue {
  return (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const text = typeof value === 'string' ? value.trim() : String(value);
    if (text === '' || nulls.has(text)) return undefined;
    const ms = time!.read(text);
    if (Number.isNaN(ms)) {
      // Every format has numbers, so that none reads "yesterday".
      const why = /\d/.test(text)
        ? `but the column is read as ${time!.name}; timestampFormat= says how its times are written`
        : 'which no format reads as a time; write one such as 2026-03-01T12:00:00Z, or leave the cell empty';
      return new Refused(`${field} is ${JSON.stringify(text.slice(0, 60))}, ${why}`);
    }
    if (ms >= FIRST_MILLISECONDS) return ms;
    const date = new Date(ms);
    return Number.isNaN(date.getTime()) ? text : date.toISOString();
  };
}

function listReader(nulls: ReadonlySet<string>, separator = '|'): ReadValue {
  return (value) => {
    if (typeof value === 'string') return listOf(value, separator).filter((name) => !nulls.has(name));
    // Amazon's categories are paths, lists of lists.
    return Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : value;
  };
}

/** The entries of a list cell: JSON, a list as Python prints it, or text between separators. */
export function listOf(cell: string, separator = '|'): string[] {
  const text = cell.trim();
  if (text.startsWith('[') && text.endsWith(']')) {
    const parsed = parsedJson(text);
    if (Array.isArray(parsed))
      return parsed.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
    const python = pythonList(text);
    if (python) return python;
  }
  const parts = separator === ' ' ? text.split(/\s+/) : text.split(separator);
  return parts.map((name) => name.trim()).filter((name) => name !== '');
}

const PYTHON_ENTRY = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"[\]]+))\s*(,|$)/y;

function pythonList(text: string): string[] | null {
  const inner = text.slice(1, -1).trim();
  const entries: string[] = [];
  PYTHON_ENTRY.lastIndex = 0;
  while (PYTHON_ENTRY.lastIndex < inner.length) {
    const match = PYTHON_ENTRY.exec(inner);
    if (!match) return null;
    const [, single, double, bare] = match;
    entries.push((single ?? double)?.replace(/\\(.)/g, '$1') ?? bare!.trim());
  }
  return entries;
}

/** Reads JSON; other text stays text, so that the row's check can show it. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const BOOLEANS: Record<string, boolean> = {
  true: true,
  false: false,
  1: true,
  0: false,
  yes: true,
  no: false,
};
