import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ArtifactStore } from '../artifact/store.ts';
import { messageOf, problem } from '../core/errors.ts';
import type { ImportSpec } from '../domain/import.ts';

export interface ImportSource {
  bytes: AsyncIterable<Uint8Array>;
  /** Of the uploaded file, as it was sent. */
  bytesRead(): number;
  /** Lets go of the file; needed when reading ends early. */
  close(): void;
}

const CHUNK_BYTES = 65_536;

/** The uploaded file, unzipped where it is gzip: by its key, or by its first bytes where the upload did not say so. */
export async function openImportSource(
  artifacts: Pick<ArtifactStore, 'open'>,
  spec: ImportSpec,
): Promise<ImportSource> {
  const gzip = spec.file.endsWith('.gz') || (await startsLikeGzip(artifacts, spec));
  const file = await artifacts.open(spec.file);
  let bytesRead = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytesRead += chunk.length;
      done(null, chunk);
    },
  });
  // The callback is there because pipeline throws without one; errors also reach whoever reads the last stream.
  const onEnd = () => {};
  const last: Readable = gzip
    ? pipeline(file, count, createGunzip({ chunkSize: CHUNK_BYTES }), onEnd)
    : pipeline(file, count, onEnd);
  return {
    bytes: gzip ? explained(last, spec) : last,
    bytesRead: () => bytesRead,
    close: () => {
      file.destroy();
      last.destroy();
    },
  };
}

async function startsLikeGzip(artifacts: Pick<ArtifactStore, 'open'>, spec: ImportSpec): Promise<boolean> {
  if (spec.bytes < 2) return false;
  const start: Buffer[] = [];
  for await (const chunk of await artifacts.open(spec.file, { start: 0, end: 1 })) start.push(chunk);
  const [first, second] = Buffer.concat(start);
  return first === 0x1f && second === 0x8b;
}

async function* explained(stream: Readable, spec: ImportSpec): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_')) throw error;
    const detail =
      code === 'Z_BUF_ERROR'
        ? 'The gzip file ends in the middle; send it again'
        : `The file is not proper gzip (${messageOf(error)}); send it again, or uncompressed and without Content-Encoding`;
    throw problem(spec.format === 'csv' ? 'invalid-csv' : 'invalid-rows', detail, {}, error);
  }
}
