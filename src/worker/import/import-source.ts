import { Readable, Transform } from 'node:stream';
import { problem } from '../../core/errors.ts';
import type { ImportSpec } from '../../domain/data/import.ts';
import { filePattern, isData } from '../../ingest/file-pattern.ts';
import { peek } from '../../ingest/peek.ts';
import { archiveKind, filesOf, type NamedBytes, refuseUnread } from './archive.ts';
import { decompress, expansionGuard, MAGIC_BYTES } from './decompress.ts';
import { findFiles, type ImportPlaces } from './import-places.ts';

export interface ImportSource {
  /** The files one after the other, unpacked; each has to be read to its end before the next one comes. */
  files: AsyncIterable<NamedBytes>;
  /** Bytes that were read of the file as it was sent. */
  bytesRead(): number;
  /** Undefined where nobody says. */
  totalBytes: number | undefined;
  /** Lets go of the file; needed when reading ends early. */
  close(): void;
}

/** First bytes by which a tar is known. */
const TAR_BYTES = 262;

/**
 * The upload, the address or the files, unpacked where they are gzip, zstd, zip or tar: by name, or by their first
 * bytes. `spec.files` says which files of an archive are meant.
 */
export async function openImportSource(
  places: ImportPlaces,
  spec: ImportSpec,
  signal: AbortSignal,
): Promise<ImportSource> {
  const placed = await findFiles(places, spec, signal);
  // A file that is away is known before anything is read.
  const first = await placed[0]!.open();
  let bytesRead = 0;
  let current = first;

  async function* files() {
    for (const [i, { name, open }] of placed.entries()) {
      current = i === 0 ? first : await open();
      yield* unpacked(current, name);
    }
  }
  async function* unpacked(stream: Readable, name: string): AsyncGenerator<NamedBytes> {
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytesRead += chunk.length;
        done(null, chunk);
      },
    });
    stream.once('error', (error: Error) => counted.destroy(error));
    const { first: magic, rest } = await peek(stream.pipe(counted), MAGIC_BYTES);
    const plain = decompress(magic, Readable.from(rest), { name, format: spec.format });
    yield* unarchived({ name, bytes: plain }, spec, () => bytesRead);
  }
  const sizes = placed.map(({ bytes }) => bytes);
  return {
    files: files(),
    bytesRead: () => bytesRead,
    totalBytes: sizes.reduce(
      (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
      0,
    ),
    close: () => current.destroy(),
  };
}

async function* unarchived(
  { name, bytes }: NamedBytes,
  { format, files }: ImportSpec,
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
