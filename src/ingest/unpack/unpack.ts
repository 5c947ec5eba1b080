import { Readable } from 'node:stream';
import { problem } from '../../core/errors.ts';
import type { ImportSpec } from '../../domain/data/import.ts';
import { filePattern, isData } from '../file-pattern.ts';
import { peek } from '../peek.ts';
import { archiveKind, filesOf, type NamedBytes, refuseUnread } from './archive.ts';
import { decompress, expansionGuard, MAGIC_BYTES } from './decompress.ts';

/** First bytes by which a tar is known. */
const TAR_BYTES = 262;

/**
 * The files in a file: gzip and zstd are unpacked, and the files of a zip or tar come one after the other.
 * @param packed bytes that were read so far, for the guard against what unpacks to far more than its size
 */
export async function* unpacked(
  { name, bytes }: NamedBytes,
  spec: Pick<ImportSpec, 'format' | 'files'>,
  packed: () => number,
): AsyncGenerator<NamedBytes> {
  const { first, rest } = await peek(bytes, MAGIC_BYTES);
  const plain = decompress(first, Readable.from(rest), { name, format: spec.format });
  yield* unarchived({ name, bytes: plain }, spec, packed);
}

async function* unarchived(
  { name, bytes }: NamedBytes,
  { format, files }: Pick<ImportSpec, 'format' | 'files'>,
  packed: () => number,
): AsyncGenerator<NamedBytes> {
  const { first, rest } = await peek(bytes, TAR_BYTES);
  refuseUnread(first);
  const kind = archiveKind(first);
  if (kind === null) return yield { name, bytes: rest };
  const wanted = filePattern(files ?? '*');
  const seen: string[] = [];
  let ending: string | undefined;
  let taken = 0;
  for await (const file of filesOf(kind, rest)) {
    if (seen.length < 20) seen.push(file.name);
    if (!isData(file.name) || !wanted(file.name)) continue;
    ending ??= endingOf(file.name);
    if (endingOf(file.name) !== ending) {
      throw problem(
        'invalid-csv',
        `The ${kind} has files of several kinds (${seen.join(', ')}); files= says which ones are read, as in files=*${ending}`,
      );
    }
    taken++;
    const guard = expansionGuard(packed, format);
    yield { name: file.name, bytes: guarded(file.bytes, guard.count) };
  }
  if (taken === 0) {
    throw problem(
      'invalid-csv',
      `No file of the ${kind} matches files=${files ?? '*'}; it has ${seen.join(', ') || 'none'}`,
    );
  }
}

async function* guarded(bytes: AsyncIterable<Uint8Array>, count: (bytes: number) => void) {
  for await (const chunk of bytes) {
    count(chunk.length);
    yield chunk;
  }
}

const endingOf = (name: string) => /\.[^./]*$/.exec(name)?.[0].toLowerCase() ?? '';
