import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { problem } from '../../core/errors.ts';
import { withExactNumbers } from '../../ingest/json-text.ts';
import type { App } from '../app-type.ts';
import { describeMalformedJson } from '../malformed-json.ts';

/** JSON everywhere; routes that take something else add a parser of their own. */
export function installBodies(app: App): void {
  app.removeAllContentTypeParsers();
  acceptJson(app, 'application/json');
  app.addHook('onRequest', async (request) => {
    const { rawBody, packedLines } = request.routeOptions.config ?? {};
    if (!rawBody && !(packedLines && isLines(request))) refuseCompressed(request);
  });
}

/** @param type such as `application/merge-patch+json`, for routes in a scope of their own */
export function acceptJson(app: App, type: string): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const text = decodeUtf8(bytes);
    // Some clients name the type and send nothing, such as for a cancel: then there is no body.
    if (text === '') return done(null, undefined);
    void parse(request, withExactNumbers(text), (error, value) => {
      done(error ? problem('malformed-json', describeMalformedJson(text)) : null, value);
    });
  });
}

/** Reads and drops bodies, in a scope of its own: clients such as curl -d '' send one where none is asked for. */
export function dropBodies(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _bytes, done) => done(null, undefined));
}

/** Bytes that are not UTF-8 would be replaced silently and end up in ids. A byte order mark is dropped. */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw problem('malformed-json', 'The body is not UTF-8; send JSON in UTF-8.');
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function refuseCompressed(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw problem(
    'unsupported-media-type',
    `This route does not take Content-Encoding: ${encoding}; send the body uncompressed. POST /imports and POST /interactions/stream take gzip.`,
  );
}

/** Streams of lines unpack what they are sent; a JSON body of the same route does not. */
function isLines(request: FastifyRequest): boolean {
  return /^application\/x-ndjson\b/i.test(request.headers['content-type'] ?? '');
}
