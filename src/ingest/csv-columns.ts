import { problem } from '../core/errors.ts';
import type { ImportKind } from '../domain/data/import.ts';
import { RATING_TYPE } from '../domain/data/interaction.ts';
import { mapHeader } from './map-columns.ts';
import type { ReadOptions } from './read-rows.ts';

/** Turns the cells of one row into what the same row would be as JSON. Empty cells are absent fields. */
export type RowMapper = (cells: readonly string[]) => Record<string, unknown>;

type Cell = (text: string) => unknown;

const text: Cell = (cell) => cell;
const list: Cell = (cell) =>
  cell
    .split('|')
    .map((name) => name.trim())
    .filter((name) => name !== '');
const time: Cell = (cell) => cell.trim();
/** Reads a number; other text stays text, so that the row's check can show it. */
const number: Cell = (cell) => (Number.isFinite(Number(cell)) && cell.trim() !== '' ? Number(cell) : cell);
const boolean: Cell = (cell) => BOOLEANS[cell.trim().toLowerCase()] ?? cell;
const BOOLEANS: Record<string, boolean> = {
  true: true,
  false: false,
  1: true,
  0: false,
  yes: true,
  no: false,
};

/** Numbers that come out as they went in: a postcode such as 01002 stays text. */
const PLAIN_NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/;
const feature: Cell = (cell) => (PLAIN_NUMBER.test(cell) ? Number(cell) : cell);

/** Reads JSON; other text stays text, so that the row's check can show it. */
const json: Cell = (cell) => {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
};

const INTERACTION_CELLS: Record<string, Cell> = {
  userId: text,
  itemId: text,
  type: text,
  value: number,
  rating: number,
  timestamp: time,
  eventId: text,
  context: json,
  timestampSource: text,
};
const ITEM_CELLS: Record<string, Cell> = {
  itemId: text,
  title: text,
  categories: list,
  labels: list,
  features: json,
  hidden: boolean,
  availableFrom: time,
  availableUntil: time,
};

const SCORE_CELLS: Record<string, Cell> = { userId: text, itemId: text, score: number };
const USER_CELLS: Record<string, Cell> = { userId: text, features: json };

/** @throws problem('invalid-csv') that names the column that is missing, unknown or there twice */
export function mapperFor(kind: ImportKind, header: readonly string[], options: ReadOptions): RowMapper {
  if (options.columns) return mapperForMapped(kind, mapHeader(header, options.columns), options);
  const columns = header.map((name) => name.trim());
  const unnamed = columns.indexOf('');
  if (unnamed >= 0) throw problem('invalid-csv', `Line 1: column ${unnamed + 1} has no name`);
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw problem('invalid-csv', `Line 1: the column ${twice} is there twice`);
  if (kind === 'interactions') return interactionMapper(columns, options);
  if (kind === 'teacher') return scoreMapper(columns);
  return kind === 'items'
    ? catalogueMapper(columns, 'itemId', ITEM_CELLS)
    : catalogueMapper(columns, 'userId', USER_CELLS);
}

/** The columns that the mapping names, under the names of their fields; the others are passed over. */
function mapperForMapped(kind: ImportKind, fields: (string | null)[], options: ReadOptions): RowMapper {
  const places = [...fields.keys()].filter((place) => fields[place] !== null);
  const mapper = mapperFor(
    kind,
    places.map((place) => fields[place]!),
    { ...options, columns: undefined },
  );
  return (cells) => mapper(places.map((place) => cells[place]!));
}

function interactionMapper(columns: readonly string[], options: ReadOptions): RowMapper {
  requireColumns(columns, ['userId', 'itemId']);
  const unknown = columns.find((name) => !Object.hasOwn(INTERACTION_CELLS, name));
  if (unknown !== undefined) {
    const known = Object.keys(INTERACTION_CELLS).join(', ');
    throw problem('invalid-csv', `Line 1: unknown column ${short(unknown)}; the columns are ${known}`);
  }
  const rated = columns.includes('rating');
  if (rated && columns.includes('value')) {
    throw problem('invalid-csv', 'Line 1: there are both value and rating; leave one of them out');
  }
  if (!rated && !columns.includes('type') && options.type === undefined) {
    throw problem(
      'invalid-csv',
      'The rows have no type: add a column type, or give one for all, as in ?type=click',
    );
  }
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (const [i, name] of columns.entries()) {
      const cell = cells[i]!;
      if (cell !== '') row[name === 'rating' ? 'value' : name] = INTERACTION_CELLS[name]!(cell);
    }
    const implied = rated && row.value !== undefined ? RATING_TYPE : options.type;
    if (row.type === undefined && implied !== undefined) row.type = implied;
    return row;
  };
}

function scoreMapper(columns: readonly string[]): RowMapper {
  requireColumns(columns, ['userId', 'itemId', 'score']);
  const unknown = columns.find((name) => !Object.hasOwn(SCORE_CELLS, name));
  if (unknown !== undefined) {
    const known = Object.keys(SCORE_CELLS).join(', ');
    throw problem('invalid-csv', `Line 1: unknown column ${short(unknown)}; the columns are ${known}`);
  }
  return (cells) =>
    Object.fromEntries(
      columns.flatMap((name, i) => (cells[i] === '' ? [] : [[name, SCORE_CELLS[name]!(cells[i]!)]])),
    );
}

/** Columns that are no field become features, beside those of a column `features`, which holds a JSON object. */
function catalogueMapper(
  columns: readonly string[],
  idField: string,
  fields: Record<string, Cell>,
): RowMapper {
  requireColumns(columns, [idField]);
  return (cells) => {
    const row: Record<string, unknown> = {};
    const features: [string, unknown][] = [];
    for (const [i, name] of columns.entries()) {
      const cell = cells[i]!;
      if (cell === '') continue;
      if (Object.hasOwn(fields, name)) row[name] = fields[name]!(cell);
      else features.push([name, feature(cell)]);
    }
    const given = row.features;
    // What is not an object is left for the row's check to refuse.
    if (features.length > 0 && (given === undefined || isObject(given))) {
      row.features = { ...given, ...Object.fromEntries(features) };
    }
    return row;
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function requireColumns(columns: readonly string[], required: readonly string[]): void {
  const missing = required.find((name) => !columns.includes(name));
  if (missing === undefined) return;
  const hint = columns.length === 1 && /[;\t]/.test(columns[0]!) ? '; cells must be separated by commas' : '';
  const found = short(columns.join(', '));
  throw problem('invalid-csv', `Line 1: the column ${missing} is missing; found ${found}${hint}`);
}

const short = (names: string) => (names.length > 200 ? `${names.slice(0, 200)}...` : names);
