import { open } from 'node:fs/promises';
import { messageOf, problem } from '../../core/errors.ts';
import type { FoundFile } from './find-files.ts';

/** Parquet begins and ends so. */
const MAGIC = 'PAR1';
const LEAST_BYTES = 12;

/** @throws problem('invalid-training-input') that names the first file that is no Parquet, or is cut off */
export async function checkParquet(files: readonly FoundFile[]): Promise<void> {
  for (const { name, path } of files) {
    const [first, last] = await endsOf(path);
    if (first !== MAGIC)
      throw refuse(
        `${name} is no Parquet: its first bytes are not ${MAGIC}. Write it as Parquet, or name other files`,
      );
    if (last !== MAGIC)
      throw refuse(`${name} is no whole Parquet: its last bytes are not ${MAGIC}. Write it or send it again`);
  }
}

async function endsOf(path: string): Promise<[first: string, last: string]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const at = async (position: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, position);
      return buffer.toString('latin1', 0, bytesRead);
    };
    return [await at(0), size < LEAST_BYTES ? '' : await at(size - MAGIC.length)];
  } finally {
    await file.close();
  }
}

/** Errors of DuckDB that say that the bytes are damaged. Of a disk that fails or is full it speaks as `IO Error`. */
const OF_BYTES =
  /^(Invalid Input|Invalid|Conversion|Out of Range|Serialization) Error|TProtocolException|Snappy|ZSTD/;

/** An error of reading as a problem of the data where it is one, with no path of this machine; others as they are. */
export function unreadable(error: unknown, files: readonly FoundFile[]): unknown {
  // Further lines are about DuckDB, and the sign that it could not read may be any.
  const message = (messageOf(error).split('\n')[0] ?? '').replace(/[\p{Cc}\ufffd]/gu, '');
  if (!OF_BYTES.test(message)) return error;
  const said = files.reduce((text, { name, path }) => text.replaceAll(path, name), message);
  const named = files.some(({ name }) => said.includes(name)) ? '' : ` of ${namesOf(files)}`;
  return refuse(`the Parquet${named} cannot be read: ${said}. Write it again`, error);
}

function namesOf(files: readonly FoundFile[]): string {
  const [first, ...others] = files.map(({ name }) => name);
  return others.length === 0 ? first! : `${first} or of ${others.length} other files`;
}

function refuse(detail: string, cause?: unknown) {
  return problem('invalid-training-input', `dataset.source.parquet: ${detail}`, {}, cause);
}
