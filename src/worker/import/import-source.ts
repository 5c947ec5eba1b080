import type { ImportSpec } from '../../domain/data/import.ts';
import type { NamedBytes } from '../../ingest/unpack/archive.ts';
import { unpacked } from '../../ingest/unpack/unpack.ts';
import { findFiles, type ImportPlaces } from './import-places.ts';
import { type ImportLimits, limitSource } from './limit-source.ts';

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

const NO_LIMITS: ImportLimits = { leastBytesPerSecond: 0, mostSeconds: 0 };

/**
 * The upload, the address or the files, unpacked where they are gzip, zstd, zip or tar: by name, or by their first
 * bytes. `spec.files` says which files of an archive are meant.
 */
export async function openImportSource(
  places: ImportPlaces & { limits?: ImportLimits | undefined },
  spec: ImportSpec,
  signal: AbortSignal,
  startedAt = performance.now(),
): Promise<ImportSource> {
  const { limits = NO_LIMITS } = places;
  const placed = await findFiles(places, spec, signal);
  // A file that is away is known before anything is read.
  const first = await placed[0]!.open();
  let bytesBefore = 0;
  let current = limitSource(first, placed[0]!.name, limits, startedAt);
  const bytesRead = () => bytesBefore + current.bytesRead();

  async function* files(): AsyncGenerator<NamedBytes> {
    for (const [i, { name, open }] of placed.entries()) {
      if (i > 0) {
        bytesBefore = bytesRead();
        current = limitSource(await open(), name, limits, startedAt);
      }
      yield* unpacked({ name, bytes: current.bytes }, spec, bytesRead);
    }
  }
  const sizes = placed.map(({ bytes }) => bytes);
  return {
    files: files(),
    bytesRead,
    totalBytes: sizes.reduce(
      (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
      0,
    ),
    close: () => current.close(),
  };
}
