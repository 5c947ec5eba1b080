import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { problem } from '../../core/errors.ts';
import { ImportQuery, type ImportSpec } from '../../domain/import.ts';
import type { Job } from '../../domain/job.ts';
import { newJobId } from '../../domain/job-id.ts';
import type { IdempotentRequest } from '../../store/store.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../documentation.ts';
import { QUEUED_IMPORT } from '../examples.ts';
import { findJob } from '../find-job.ts';
import { answersTo, fingerprintOf, IdempotencyHeaders, startOnce } from '../idempotency.ts';
import { requireQueue, type SubmitDeps, submitJob } from '../submit-job.ts';

const EXAMPLE = 'userId,itemId,rating,timestamp\nuser-42,film-7,5,881250949\n';
const documentedBody = {
  content: Object.fromEntries(
    ['text/csv', 'application/x-ndjson', 'application/octet-stream'].map((type) => [
      type,
      {
        schema: { type: 'string', format: 'binary', ...(type === 'text/csv' ? { examples: [EXAMPLE] } : {}) },
      },
    ]),
  ),
};

const startImport = {
  operationId: 'startImport',
  tags: ['data'],
  summary: 'Import a file of any size',
  description:
    'The body is the file: CSV with a header line (userId,itemId[,type][,value][,timestamp][,eventId]; rating is accepted for value and implies the type rating) or one JSON object per line. Content-Encoding: gzip is kept as it is. The answer is a job that reads the file and reports bad lines.',
  querystring: ImportQuery,
  headers: IdempotencyHeaders,
  response: {
    202: json('Uploaded and queued; Location names the job.', named('Job'), QUEUED_IMPORT),
  },
  problems: problems({
    'invalid-request': 'kind must be one of interactions, items, users; got "ratings".',
    conflict: 'A request with the Idempotency-Key 7f3a is being answered; try again in a moment.',
    'idempotency-conflict':
      'The Idempotency-Key 7f3a was sent before with another request; use a new key for a new request.',
    'queue-full': '10000 jobs are waiting, and no more than 10000 may; try again when some are done.',
    'unsupported-media-type': 'Content-Encoding must be gzip or identity; got br.',
    'queue-unavailable': 'The job queue does not answer; try again in a few seconds.',
    'store-unavailable': 'The database cannot be written; try again in a few seconds.',
  }),
};

export function importRoutes(deps: SubmitDeps & Pick<AppDeps, 'artifacts' | 'now'>) {
  const { store, artifacts, queue, now } = deps;
  return async (app: App): Promise<void> => {
    // The body is whatever the client calls it: it goes to the artifact store as a stream, never into memory.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.post('/imports', {
      config: { scope: 'ingest', rawBody: true, documentedBody },
      schema: startImport,
      handler: async (request, reply) => {
        const { kind, format, type } = request.query;
        if (type !== undefined && kind !== 'interactions') {
          throw problem(
            'invalid-request',
            `type only belongs to kind=interactions; leave it out for ${kind}.`,
          );
        }
        const compressed = isGzip(request.headers['content-encoding']);
        // Better now than after an upload of gigabytes.
        requireQueue(queue);

        const { headers, keyId } = request;
        const asked = { kind, format, type, compressed };
        const body = request.body as Readable | undefined;
        const job = await startOnce(
          { store: store.idempotency, operation: 'startImport', headers, keyId },
          async () => fingerprintOf(asked, await hashOf(body)),
          (key) => start(asked, body, { ...(keyId !== undefined && { keyId }) }, key, request.log),
          (id) => findJob(store.jobs, id),
        );
        reply.code(202).header('location', `/jobs/${job.id}`);
        return job;
      },
    });
  };

  async function start(
    asked: ImportQuery & { compressed: boolean },
    body: Readable | undefined,
    origin: { keyId?: string },
    key: IdempotentRequest | undefined,
    log: FastifyBaseLogger,
  ): Promise<Job> {
    const { kind, format, type, compressed } = asked;
    const id = newJobId(now());
    const file = `imports/${id}.${format}${compressed ? '.gz' : ''}`;
    const { bytes, sha256 } = await upload(file, body);
    const spec: ImportSpec = { type: 'import', kind, format, file, bytes };
    if (type !== undefined) spec.interactionType = type;
    try {
      const job = { id, type: 'import', model: null, spec, ...origin } as const;
      return await submitJob(deps, job, answersTo(key, fingerprintOf(asked, sha256)));
    } catch (error) {
      await artifacts.remove(file).catch((reason) => log.warn({ err: reason, file }, 'upload left behind'));
      throw error;
    }
  }

  async function upload(
    file: string,
    body: Readable | undefined,
  ): Promise<{ bytes: number; sha256: string }> {
    const empty = problem(
      'invalid-request',
      'The body is empty; send the file as the body (with curl: --data-binary @file.csv).',
    );
    if (!body) throw empty;
    const written = await artifacts.put(file, body).catch((error) => {
      throw body.readableEnded
        ? error
        : problem('invalid-request', 'The upload broke off before its end.', {}, error);
    });
    if (written.bytes > 0) return written;
    await artifacts.remove(file);
    throw empty;
  }
}

/** Of a body that was sent before: it is read to its end and kept nowhere. */
async function hashOf(body: Readable | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body ?? []) hash.update(chunk);
  return hash.digest('hex');
}

function isGzip(encoding: string | undefined): boolean {
  if (encoding === undefined || encoding === 'identity') return false;
  if (encoding === 'gzip' || encoding === 'x-gzip') return true;
  throw problem('unsupported-media-type', `Content-Encoding must be gzip or identity; got ${encoding}.`);
}
