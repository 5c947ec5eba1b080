import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { ImportSpec } from '../../domain/data/import.ts';
import { isAllowedUrl } from '../../ingest/allowed-url.ts';
import { decompress, peek } from './decompress.ts';

export interface ImportSource {
  bytes: AsyncIterable<Uint8Array>;
  /** Bytes that were read of the file as it was sent. */
  bytesRead(): number;
  /** Undefined where nobody says. */
  totalBytes: number | undefined;
  /** Lets go of the file; needed when reading ends early. */
  close(): void;
}

export interface ImportPlaces {
  artifacts: Pick<ArtifactStore, 'open'>;
  importUrls: readonly string[];
  importDir: string | undefined;
}

const MAX_REDIRECTS = 5;

/** The upload, the address or the file, unpacked where it is gzip or zstd: by its name, or by its first bytes. */
export async function openImportSource(
  places: ImportPlaces,
  spec: ImportSpec,
  signal: AbortSignal,
): Promise<ImportSource> {
  const { stream, totalBytes } = await openFile(places, spec, signal);
  let bytesRead = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytesRead += chunk.length;
      done(null, chunk);
    },
  });
  stream.once('error', (error: Error) => count.destroy(error));
  const { first, rest } = await peek(stream.pipe(count));
  return {
    bytes: decompress(first, rest, { name: spec.file ?? '', format: spec.format }),
    bytesRead: () => bytesRead,
    totalBytes,
    close: () => {
      stream.destroy();
      count.destroy();
    },
  };
}

async function openFile(places: ImportPlaces, spec: ImportSpec, signal: AbortSignal) {
  if (spec.url !== undefined) return fetchFile(spec.url, places.importUrls, signal);
  if (spec.path !== undefined) return openWithin(places.importDir, spec.path);
  return { stream: await places.artifacts.open(spec.file ?? ''), totalBytes: spec.bytes };
}

/** Each address on the way has to be allowed: a redirect must not lead into a network that is none of the client's. */
async function fetchFile(url: string, allowed: readonly string[], signal: AbortSignal) {
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!isAllowedUrl(at, allowed)) throw problem('forbidden', `${at} is not under one of IMPORT_URLS`);
    const answer = await fetch(at, { redirect: 'manual', signal }).catch((error: unknown) => {
      throw problem('source-unavailable', `${at} cannot be reached (${messageOf(error)})`, {}, error);
    });
    const next = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && next) {
      await answer.body?.cancel();
      at = new URL(next, at).href;
      continue;
    }
    if (!answer.ok || !answer.body) {
      const code = answer.status >= 500 ? 'source-unavailable' : 'invalid-job';
      throw problem(code, `${at} answered with status ${answer.status}`);
    }
    const length = answer.headers.get('content-length');
    // fetch has unpacked what came with a Content-Encoding, and the length is that of the packed file.
    const known = length !== null && !answer.headers.has('content-encoding');
    return {
      stream: Readable.fromWeb(answer.body as ReadableStream<Uint8Array>),
      totalBytes: known ? Number(length) : undefined,
    };
  }
  throw problem('invalid-job', `${url} redirects more than ${MAX_REDIRECTS} times`);
}

/** Links are followed first, and what they lead to has to be within the folder. */
async function openWithin(folder: string | undefined, name: string) {
  if (folder === undefined)
    throw problem('forbidden', 'IMPORT_DIR is not set, so that no file can be imported');
  try {
    const root = await realpath(folder);
    const file = await realpath(path.resolve(root, name));
    if (!file.startsWith(root + path.sep)) throw problem('forbidden', `${name} is not within IMPORT_DIR`);
    const { size } = await stat(file);
    return { stream: createReadStream(file), totalBytes: size };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw problem('invalid-job', `${name} cannot be read in IMPORT_DIR`, {}, error);
  }
}
