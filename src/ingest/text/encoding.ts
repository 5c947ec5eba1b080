import { isUtf8 } from 'node:buffer';
import { analyse } from 'chardet';
import { problem } from '../../core/errors.ts';
import { peek } from '../peek.ts';

/** Bytes that `auto` looks at. */
const LOOKED_AT = 262_144;
const UTF8 = 'utf-8';
/** The encoding of most files in Western letters that are not UTF-8. */
const USUAL = 'windows-1252';
const NEWLINE = 10;

export interface DecodedText {
  /** The encoding that was taken. */
  encoding: string;
  /** Turns the text into UTF-8. */
  bytes: AsyncIterable<Uint8Array>;
}

/** @param encoding a label of the WHATWG Encoding Standard, or auto: by mark, by zero bytes, by being UTF-8, else guessed */
export async function toUtf8(stream: AsyncIterable<Uint8Array>, encoding = 'auto'): Promise<DecodedText> {
  if (encoding === UTF8) return { encoding, bytes: stream };
  if (encoding !== 'auto') return { encoding, bytes: decoded(stream, encoding) };
  const { first, rest } = await peek(stream, LOOKED_AT);
  const found = encodingOf(first);
  return { encoding: found, bytes: found === UTF8 ? rest : decoded(rest, found) };
}

/** @param sample the first bytes of a text, which may end within a character */
export function encodingOf(sample: Buffer): string {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  for (const [i, byte] of sample.subarray(0, 4096).entries()) if (byte === 0) zeros[i % 2]!++;
  // Of text in Latin letters every other byte is zero; a stray zero byte makes no UTF-16.
  const half = Math.min(sample.length, 4096) / 2;
  if (zeros[1]! > half / 4 && zeros[0]! < half / 20) return 'utf-16le';
  if (zeros[0]! > half / 4 && zeros[1]! < half / 20) return 'utf-16be';
  if (isUtf8(wholeCharacters(sample))) return UTF8;
  for (const { name } of analyse(sample)) {
    const label = labelOf(name);
    if (label === undefined || label === UTF8 || !decodes(sample, label)) continue;
    // Letters that are the same in both are no sign of the rarer one, and later ones may differ.
    return decodedAs(sample, label) === decodedAs(sample, USUAL) ? USUAL : label;
  }
  return USUAL;
}

const decodedAs = (sample: Buffer, encoding: string) => new TextDecoder(encoding).decode(sample);

function labelOf(name: string): string | undefined {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}

function decodes(sample: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Without the character at the end whose bytes are not all there. */
function wholeCharacters(sample: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, sample.length); back++) {
    const byte = sample[sample.length - back]!;
    if (byte < 0x80) return sample;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < needs ? sample.subarray(0, sample.length - back) : sample;
    }
  }
  return sample;
}

async function* decoded(stream: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  const decode = (bytes?: Uint8Array) => {
    try {
      return Buffer.from(bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
    } catch (error) {
      const detail = `The text after line ${line} is not ${encoding}; say which encoding it is, as in encoding=windows-1252`;
      throw problem('invalid-csv', detail, { line }, error);
    }
  };
  for await (const chunk of stream) {
    const text = decode(chunk);
    for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) line++;
    if (text.length > 0) yield text;
  }
  const last = decode();
  if (last.length > 0) yield last;
}
