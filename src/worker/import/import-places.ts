import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { isAllowedUrl } from '../../core/allowed-url.ts';
import { messageOf, problem } from '../../core/errors.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { ImportSpec } from '../../domain/data/import.ts';
import { withoutQuery } from '../../domain/data/import-address.ts';
import { filesWithin } from '../../ingest/files-within.ts';

export interface ImportPlaces {
  artifacts: Pick<ArtifactStore, 'open'>;
  importUrls: readonly string[];
  importDir: string | undefined;
  secrets?: Pick<Secrets, 'unseal'> | undefined;
}

/** A file of an import, as it lies there. */
export interface PlacedFile {
  name: string;
  /** Undefined where nobody says. */
  bytes: number | undefined;
  open(): Promise<Readable>;
}

const MAX_REDIRECTS = 5;

/** The upload, the address, or the file or files below IMPORT_DIR. */
export async function findFiles(
  places: ImportPlaces,
  { url, sealedQuery, path: name, file = '', bytes, files }: ImportSpec,
  signal: AbortSignal,
): Promise<PlacedFile[]> {
  if (url !== undefined)
    return [await fetchFile(url + opened(sealedQuery, places), places.importUrls, signal)];
  if (name !== undefined) return filesWithin(places.importDir, name, files);
  return [{ name: file, bytes, open: () => places.artifacts.open(file) }];
}

/** @throws problem('invalid-job') where the query was encrypted with another key */
function opened(sealedQuery: string | undefined, { secrets }: ImportPlaces): string {
  if (sealedQuery === undefined) return '';
  try {
    if (secrets) return secrets.unseal(sealedQuery);
  } catch {
    // Says the same as no key at all.
  }
  throw problem(
    'invalid-job',
    'The query of the address cannot be decrypted: api and worker need the same SECRETS_KEY, or one DATA_DIR',
  );
}

/** Each address on the way has to be allowed: a redirect must not lead into a network that is none of the client's. */
async function fetchFile(url: string, allowed: readonly string[], signal: AbortSignal): Promise<PlacedFile> {
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!isAllowedUrl(at, allowed))
      throw problem('source-not-allowed', `${withoutQuery(at)} is not under one of IMPORT_URLS`);
    const answer = await fetch(at, { redirect: 'manual', signal }).catch((error: unknown) => {
      throw problem(
        'source-unavailable',
        `${withoutQuery(at)} cannot be reached (${messageOf(error)})`,
        {},
        error,
      );
    });
    const next = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && next) {
      await answer.body?.cancel();
      at = new URL(next, at).href;
      continue;
    }
    if (!answer.ok || !answer.body) {
      const code = answer.status >= 500 ? 'source-unavailable' : 'invalid-job';
      throw problem(code, `${withoutQuery(at)} answered with status ${answer.status}`);
    }
    const length = answer.headers.get('content-length');
    // fetch has unpacked what came with a Content-Encoding, and the length is that of the packed file.
    const known = length !== null && !answer.headers.has('content-encoding');
    const stream = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
    return {
      name: new URL(at).pathname,
      bytes: known ? Number(length) : undefined,
      open: async () => stream,
    };
  }
  throw problem('invalid-job', `${withoutQuery(url)} redirects more than ${MAX_REDIRECTS} times`);
}
