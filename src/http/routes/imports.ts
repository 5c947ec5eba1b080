import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { Type } from 'typebox';
import { isAllowedUrl } from '../../core/allowed-url.ts';
import { problem } from '../../core/errors.ts';
import { hashOf } from '../../core/hash.ts';
import { newJobId } from '../../domain/base/job-id.ts';
import { ImportQuery, type ImportSpec } from '../../domain/data/import.ts';
import { queryOf, withoutQuery } from '../../domain/data/import-address.ts';
import { Job } from '../../domain/jobs/job.ts';
import type { IdempotentRequest, NewJob } from '../../store/jobs/contract.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { QUEUED_IMPORT } from '../docs/examples.ts';
import { findJob } from '../jobs/find-job.ts';
import { answersTo, IdempotencyHeaders, startOnce } from '../jobs/idempotency.ts';
import { type FileShape, type Packing, packingOf, shapeOf, specOf } from '../jobs/import-shape.ts';
import { requirePath } from '../jobs/require-source.ts';
import { requireQueue, type SubmitDeps, submitJob } from '../jobs/submit-job.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { traceOf } from '../plugins/tracing.ts';
import { fileOfBody } from '../rows/form-file.ts';
import { createUploads } from '../rows/uploads.ts';

const CSV = 'userId,itemId,rating,timestamp\nuser-42,film-7,5,881250949\n';
const NDJSON = '{"userId":"user-42","itemId":"film-7","type":"click"}\n';
const BYTES = { type: 'string', format: 'binary' };
const documentedBody = {
  'text/csv': { schema: BYTES, examples: { 'ratings with a header': CSV } },
  'application/x-ndjson': { schema: BYTES, examples: { 'one click': NDJSON } },
  'application/octet-stream': { schema: BYTES },
  'multipart/form-data': { schema: { type: 'object', properties: { file: BYTES } } },
};
const ImportHeaders = Type.Object({
  ...IdempotencyHeaders.properties,
  'content-encoding': Type.Optional(
    Type.String({ description: 'How the file is packed: gzip, zstd or identity.', examples: ['gzip'] }),
  ),
});

const startImport = {
  operationId: 'startImport',
  tags: ['data'],
  summary: 'Import a file of any size',
  description:
    'The body is the file, or a form with it: CSV with a header line (of interactions userId,itemId[,type][,value][,timestamp][,eventId]; rating is accepted for value and implies the type rating), one JSON object per line, or a JSON array of objects. Instead of a body, url or path name a file, path also a folder or a pattern, that the worker reads. gzip, zstd, zip and tar are recognised by their first bytes. POST /imports/preview says how a file would be read. kind=teacher takes the scores of a model made elsewhere (userId,itemId,score). The answer is a job that reads the file and reports bad lines.',
  querystring: ImportQuery,
  headers: ImportHeaders,
  response: {
    202: json('Uploaded and queued; Location names the job.', Job, { 'a queued import': QUEUED_IMPORT }, [
      'Location',
    ]),
  },
  problems: {
    'invalid-request': 'kind must be one of interactions, items, users, teacher; got "ratings".',
    conflict: 'A request with the Idempotency-Key 7f3a is being answered; try again in a moment.',
    'idempotency-conflict':
      'The Idempotency-Key 7f3a was sent before with another request; use a new key for a new request.',
    'unsupported-media-type': 'Content-Encoding must be gzip, zstd or identity; got br.',
    'queue-full': '10000 jobs are waiting, and no more than 10000 may; try again when some are done.',
    'payload-too-large': 'A file may have at most 16384 MiB (MAX_UPLOAD_MIB).',
    'storage-full':
      'The disk has 400 MiB free, and MIN_FREE_DISK_MIB asks for 512: imports are refused until there is more',
    'source-not-allowed': 'url is not under one of IMPORT_URLS; add its folder there.',
    'queue-unavailable': 'The job queue does not answer; try again in a few seconds.',
  },
};

// Long because it is the one way of a file into the service.
export function importRoutes(
  deps: SubmitDeps &
    Pick<AppDeps, 'artifacts' | 'now' | 'importUrls' | 'importDir' | 'secrets' | 'disk' | 'limits'>,
) {
  const { store, artifacts, queue, now } = deps;
  const upload = createUploads(artifacts, { ...DEFAULT_LIMITS, ...deps.limits });
  return async (app: App): Promise<void> => {
    // The body is whatever the client calls it: it goes to the artifact store as a stream, never into memory.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.post('/imports', {
      config: { scope: 'write', rawBody: true, documentedBody },
      schema: startImport,
      handler: async (request, reply) => {
        const { url, path } = request.query;
        const asked: Asked = {
          ...request.query,
          shape: await shapeOf(request.query),
          packing: packingOf(request.headers['content-encoding']),
        };
        if (url !== undefined && path !== undefined) {
          throw problem('invalid-request', 'Give either url or path, not both.');
        }
        if (url !== undefined && !isAllowedUrl(url, deps.importUrls ?? [])) {
          throw problem('source-not-allowed', 'url is not under one of IMPORT_URLS; add its folder there.');
        }
        if (path !== undefined) requirePath(deps, 'path', path);
        // Better now than after an upload of gigabytes.
        requireQueue(queue);
        await deps.disk?.require();

        const { headers, keyId } = request;
        const named = url !== undefined || path !== undefined;
        const body = named
          ? undefined
          : await fileOfBody(request.body as Readable | undefined, request.headers);
        const job = await startOnce(
          { store: store.idempotency, operation: 'startImport', headers, keyId },
          async () => hashOf(asked, await hashOfBody(body)),
          (key) =>
            start(
              asked,
              body,
              { ...(keyId !== undefined && { keyId }), ...traceOf(request) },
              key,
              request.log,
            ),
          (id) => findJob(store.jobs, id),
        );
        reply.code(202).header('location', `/jobs/${job.id}`);
        return job;
      },
    });
  };

  function withSealedQuery(spec: ImportSpec): ImportSpec {
    if (spec.url === undefined) return spec;
    const query = queryOf(spec.url);
    const url = withoutQuery(spec.url);
    return { ...spec, url, ...(query !== '' && { sealedQuery: deps.secrets.seal(query) }) };
  }

  async function start(
    asked: Asked,
    body: Readable | undefined,
    origin: Pick<NewJob, 'keyId' | 'trace'>,
    key: IdempotentRequest | undefined,
    log: FastifyBaseLogger,
  ): Promise<Job> {
    const id = newJobId(now());
    const spec = withSealedQuery(specOf(asked));
    let sha256 = await hashOfBody(undefined);
    if (spec.url === undefined && spec.path === undefined) {
      const file = `imports/${id}.${spec.format ?? 'file'}${asked.packing}`;
      const written = await upload(file, body);
      sha256 = written.sha256;
      Object.assign(spec, { file, bytes: written.bytes });
    }
    try {
      const job = { id, type: 'import', model: null, spec, ...origin } as const;
      return await submitJob(deps, job, answersTo(key, hashOf(asked, sha256)));
    } catch (error) {
      const { file } = spec;
      if (file !== undefined) {
        await artifacts.remove(file).catch((reason) => log.warn({ err: reason, file }, 'upload left behind'));
      }
      throw error;
    }
  }
}

/** The query, and what follows from it. */
type Asked = ImportQuery & { shape: FileShape; packing: Packing };

/** Hash of a body that was sent before: it is read to its end and kept nowhere. */
async function hashOfBody(body: Readable | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body ?? []) hash.update(chunk);
  return hash.digest('hex');
}
