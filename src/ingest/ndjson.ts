import { isUtf8 } from 'node:buffer';
import { messageOf, problem } from '../core/errors.ts';
import type { ImportKind } from '../domain/data/import-kind.ts';
import { linesOf, MAX_LINE_BYTES, readBlocks } from './blocks.ts';
import { readArrayEntries } from './json-array.ts';
import { parseJson } from './json-text.ts';
import { jsonMapper } from './mapping/json-mapper.ts';
import { type FileRecord, type FileRow, mapRecords, type ReadOptions } from './read-rows.ts';

type JsonRecord = FileRecord<unknown>;

const TOO_LONG = `the line is longer than ${MAX_LINE_BYTES} bytes; split it`;
const OPEN_LIST = 0x5b;
const MARK = [0xef, 0xbb, 0xbf];

/**
 * Rows of one JSON object per line, or of the objects of one JSON array.
 * @throws problem('invalid-rows') when there is nothing in the file
 */
export async function* readNdjson(
  stream: AsyncIterable<Uint8Array>,
  kind: ImportKind,
  options: ReadOptions = {},
): AsyncGenerator<FileRow[]> {
  yield* mapRecords(readJsonRecords(stream), (sample) => jsonMapper(kind, sample, options));
}

/** Empty lines are passed over. */
export async function* readJsonRecords(stream: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord[]> {
  const { first, rest } = await firstSign(stream);
  let empty = true;
  for await (const records of first === OPEN_LIST ? arrayRecords(rest) : lineRecords(rest)) {
    empty &&= records.length === 0;
    if (records.length > 0) yield records;
  }
  if (empty) throw problem('invalid-rows', 'The file is empty; it must have one JSON object per line');
}

/** The first byte that is no blank, and the stream without its mark. */
async function firstSign(stream: AsyncIterable<Uint8Array>) {
  const iterator = stream[Symbol.asyncIterator]();
  let begin = Buffer.alloc(0);
  let first: number | undefined;
  while (first === undefined) {
    const next = await iterator.next();
    if (next.done) break;
    begin = Buffer.concat([begin, next.value]);
    if (begin.length < MARK.length) continue;
    begin = withoutMark(begin);
    first = begin.find((byte) => byte > 32);
  }
  begin = withoutMark(begin);
  async function* rest() {
    if (begin.length > 0) yield begin;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { first: first ?? begin.find((byte) => byte > 32), rest: rest() };
}

function withoutMark(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  return MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(MARK.length) : bytes;
}

async function* lineRecords(stream: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord[]> {
  for await (const block of readBlocks(stream)) {
    if ('tooLong' in block) {
      yield [{ line: block.line, reason: TOO_LONG, text: '' }];
      continue;
    }
    const records: JsonRecord[] = [];
    let { line } = block;
    for (const bytes of linesOf(block.bytes)) {
      const record = readLine(bytes, line++);
      if (record) records.push(record);
    }
    yield records;
  }
}

async function* arrayRecords(stream: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord[]> {
  for await (const entries of readArrayEntries(stream)) {
    const records: JsonRecord[] = [];
    for (const entry of entries) {
      if ('broken' in entry) {
        if (records.length > 0) yield records;
        throw problem('invalid-rows', `Line ${entry.line}: ${entry.broken}`, { line: entry.line });
      }
      const record = readLine(entry.bytes, entry.line);
      if (record) records.push(record);
    }
    yield records;
  }
}

function readLine(bytes: Buffer, line: number): JsonRecord | undefined {
  if (bytes.length > MAX_LINE_BYTES) return { line, reason: TOO_LONG, text: '' };
  if (!isUtf8(bytes)) {
    return {
      line,
      reason: 'the line is not UTF-8; save the file as UTF-8, or say what it is, as in encoding=windows-1252',
      text: bytes.toString('latin1'),
    };
  }
  const text = bytes.toString('utf8').trim();
  if (text === '') return undefined;
  try {
    return { line, record: parseJson(text), text };
  } catch (error) {
    return { line, reason: `the line is not valid JSON: ${messageOf(error)}${hint(text)}`, text };
  }
}

function hint(text: string): string {
  if (/^\{\s*$/.test(text))
    return '; each object has to be on one line (jq -c . does that), or all of them in one array';
  return text.startsWith('{') ? '' : '; is it a CSV? Then say format=csv';
}
