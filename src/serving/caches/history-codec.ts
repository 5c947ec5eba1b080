import type { HistoryRow } from '../../store/data/contract.ts';
import { type KeptHistory, MOST_ROWS } from './history.ts';
import type { PackedEntry } from './packed-cache.ts';

/**
 * Turns histories into words and back: their count, the type where all have the same, whether there is any value; then per
 * row the item, the two halves of the time, the type where they differ, the two halves of the value where there is any.
 * Texts are numbered, as each occurs in many histories.
 */
export interface HistoryCodec {
  /** @param rows at least one */
  lengthOf(rows: readonly HistoryRow[]): number;
  write(rows: readonly HistoryRow[], entry: PackedEntry): void;
  /** Columns that the next call overwrites. */
  read(entry: PackedEntry): KeptHistory;
  /** The number of texts that are numbered. */
  texts(): number;
  forget(): void;
}

const HEADER = 3;
const TYPES_DIFFER = -1;

export function createHistoryCodec(): HistoryCodec {
  const texts = createNumberedTexts();
  const { writeNumber, readNumber } = createNumbers();
  const found = {
    items: new Int32Array(MOST_ROWS),
    types: new Int32Array(MOST_ROWS),
    values: new Float64Array(MOST_ROWS),
    timestamps: new Float64Array(MOST_ROWS),
  };
  return {
    lengthOf: (rows) => HEADER + rows.length * shapeOf(rows).rowWords,

    write(rows, { words, at }) {
      const { isOneType, hasValues, rowWords } = shapeOf(rows);
      words[at] = rows.length;
      words[at + 1] = isOneType ? texts.numberOf(rows[0]!.type) : TYPES_DIFFER;
      words[at + 2] = hasValues ? 1 : 0;
      let next = at + HEADER;
      for (const { itemId, type, value, timestamp } of rows) {
        words[next] = texts.numberOf(itemId);
        writeNumber(words, next + 1, timestamp);
        if (!isOneType) words[next + 3] = texts.numberOf(type);
        if (hasValues) writeNumber(words, next + rowWords - 2, value);
        next += rowWords;
      }
    },

    read({ words, at }) {
      const length = words[at]!;
      const typeOfAll = words[at + 1]!;
      const isOneType = typeOfAll !== TYPES_DIFFER;
      const hasValues = words[at + 2] === 1;
      const rowWords = wordsOfRow(isOneType, hasValues);
      const { items, types, values, timestamps } = found;
      let next = at + HEADER;
      for (let i = 0; i < length; i++) {
        items[i] = words[next]!;
        types[i] = isOneType ? typeOfAll : words[next + 3]!;
        values[i] = hasValues ? readNumber(words, next + rowWords - 2) : Number.NaN;
        timestamps[i] = readNumber(words, next + 1);
        next += rowWords;
      }
      return { ...found, length, texts: texts.all() };
    },

    texts: () => texts.all().length,
    forget: texts.forget,
  };
}

function shapeOf(rows: readonly HistoryRow[]) {
  const { type } = rows[0]!;
  const isOneType = rows.every((row) => row.type === type);
  const hasValues = rows.some(({ value }) => value !== null);
  return { isOneType, hasValues, rowWords: wordsOfRow(isOneType, hasValues) };
}

function wordsOfRow(isOneType: boolean, hasValues: boolean): number {
  return 3 + (isOneType ? 0 : 1) + (hasValues ? 2 : 0);
}

function createNumberedTexts() {
  const numbers = new Map<string, number>();
  let texts: string[] = [];
  return {
    numberOf(text: string): number {
      let at = numbers.get(text);
      if (at === undefined) {
        at = texts.push(text) - 1;
        numbers.set(text, at);
      }
      return at;
    },
    all: () => texts,
    /** Another list from here on: whoever still reads the old one finds all in it. */
    forget(): void {
      numbers.clear();
      texts = [];
    },
  };
}

/** Numbers of 64 bits as two words each; null as NaN, which no column holds. */
function createNumbers() {
  const number = new Float64Array(1);
  const halves = new Int32Array(number.buffer);
  return {
    writeNumber(words: Int32Array, at: number, value: number | null): void {
      number[0] = value ?? Number.NaN;
      words[at] = halves[0]!;
      words[at + 1] = halves[1]!;
    },
    readNumber(words: Int32Array, at: number): number {
      halves[0] = words[at]!;
      halves[1] = words[at + 1]!;
      return number[0]!;
    },
  };
}
