import { AppError } from '../core/errors.ts';
import type { ImportSpec } from '../domain/data/import.ts';
import { peek } from './peek.ts';

/** Errors that a cut makes of a file that may be sound. */
const OF_A_CUT = /ends in the middle|never closed/;

/** True where the sentence says that bytes are missing at the end of the file. */
export const isCutOff = (sentence: string) => /ends in the middle/.test(sentence);

/**
 * The sentence of a preview for an error of reading; null where only the cut of the preview has made it.
 * @param isWhole false where the file goes on behind the bytes that were read
 * @param hasRows true where some rows were read before the error
 */
export function sentenceOfFailure(
  error: string,
  { isWhole, hasRows }: { isWhole: boolean; hasRows: boolean },
  { files }: Pick<ImportSpec, 'files'>,
): string | null {
  if (isWhole || !OF_A_CUT.test(error)) return error;
  if (hasRows) return null;
  if (!isCutOff(error)) return error;
  const wanted = files === undefined ? '' : ` of files=${files}`;
  return `The first megabyte, which a preview reads, has no row${wanted}: files= says which file of an archive is read; of one that begins later, and of Parquet in an archive, POST /imports with dryRun=true shows what becomes`;
}

/**
 * The sentence for JSON that is to be read as CSV; null for anything else.
 * @param open opens the file anew
 */
export async function sentenceOfJson(
  open: () => Promise<{ bytes: AsyncIterable<Uint8Array> }>,
  { format, preset }: Pick<ImportSpec, 'format' | 'preset'>,
): Promise<string | null> {
  if (format !== 'csv' || preset !== undefined) return null;
  const file = await open().catch((error: unknown) => {
    // The file cannot be opened for the reason that is told already.
    if (error instanceof AppError) return null;
    throw error;
  });
  if (file === null) return null;
  const { first, rest } = await peek(file.bytes, 64);
  await rest.return(undefined);
  return /^\ufeff?\s*(\{\s*"|\[\s*\{)/.test(first.toString('utf8'))
    ? 'The file looks like JSON, and is read as CSV; say format=ndjson'
    : null;
}
