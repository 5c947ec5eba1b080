import { isUtf8 } from 'node:buffer';
import { messageOf, problem } from '../core/errors.ts';
import type { ImportKind } from '../domain/data/import.ts';
import { linesOf, MAX_LINE_BYTES, readBlocks } from './blocks.ts';
import { mapMembers } from './map-columns.ts';
import type { FileRow, ReadOptions } from './read-rows.ts';

const TOO_LONG = `the line is longer than ${MAX_LINE_BYTES} bytes; split it`;

/**
 * One JSON object per line; empty lines are passed over.
 * @throws problem('invalid-rows') when there is nothing in the file
 */
export async function* readNdjson(
  stream: AsyncIterable<Uint8Array>,
  kind: ImportKind,
  options: ReadOptions = {},
): AsyncGenerator<FileRow[]> {
  const type = kind === 'interactions' ? options.type : undefined;
  let empty = true;
  for await (const block of readBlocks(stream)) {
    const rows: FileRow[] = [];
    if ('tooLong' in block) {
      rows.push({ line: block.line, reason: TOO_LONG, text: '' });
    } else {
      let line = block.line;
      for (const bytes of linesOf(block.bytes)) {
        const row = readLine(line === 1 ? withoutBom(bytes) : bytes, line, type, options);
        if (row) rows.push(row);
        line++;
      }
    }
    if (rows.length > 0) {
      empty = false;
      yield rows;
    }
  }
  if (empty) throw problem('invalid-rows', 'The file is empty; it must have one JSON object per line');
}

function readLine(
  bytes: Buffer,
  line: number,
  type: string | undefined,
  { columns }: ReadOptions,
): FileRow | undefined {
  if (bytes.length > MAX_LINE_BYTES) return { line, reason: TOO_LONG, text: '' };
  if (!isUtf8(bytes)) {
    return { line, reason: 'the line is not UTF-8; save the file as UTF-8', text: bytes.toString('latin1') };
  }
  const text = bytes.toString('utf8').trim();
  if (text === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    const raw = columns ? mapMembers(parsed, columns) : parsed;
    return { line, raw: type === undefined ? raw : withType(raw, type), text };
  } catch (error) {
    return { line, reason: `the line is not valid JSON: ${messageOf(error)}`, text };
  }
}

function withType(raw: unknown, type: string): unknown {
  const lacksOne =
    typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !Object.hasOwn(raw, 'type');
  return lacksOne ? { ...raw, type } : raw;
}

function withoutBom(bytes: Buffer): Buffer {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}
