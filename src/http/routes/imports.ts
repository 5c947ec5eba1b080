import type { Readable } from 'node:stream';
import { problem } from '../../core/errors.ts';
import { ImportQuery, type ImportSpec } from '../../domain/import.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../documentation.ts';
import { QUEUED_IMPORT } from '../examples.ts';
import { newJobId } from '../job-id.ts';
import { requireQueue, submitJob } from '../submit-job.ts';

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
  response: {
    202: json('Uploaded and queued; Location names the job.', named('Job'), QUEUED_IMPORT),
  },
  problems: problems({
    'invalid-request': 'kind must be one of interactions, items, users; got "ratings".',
    'unsupported-media-type': 'Content-Encoding must be gzip or identity; got br.',
    'queue-unavailable': 'The job queue does not answer; try again in a few seconds.',
    'store-unavailable': 'The database cannot be written; try again in a few seconds.',
  }),
};

export function importRoutes(deps: Pick<AppDeps, 'store' | 'artifacts' | 'queue' | 'now'>) {
  const { artifacts, queue, now } = deps;
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

        const id = newJobId(now());
        const file = `imports/${id}.${format}${compressed ? '.gz' : ''}`;
        const bytes = await upload(file, request.body as Readable | undefined);
        const spec: ImportSpec = { type: 'import', kind, format, file, bytes };
        if (type !== undefined) spec.interactionType = type;
        try {
          const job = await submitJob(deps, { id, type: 'import', model: null, spec });
          reply.code(202).header('location', `/jobs/${id}`);
          return job;
        } catch (error) {
          await artifacts
            .remove(file)
            .catch((reason) => request.log.warn({ err: reason, file }, 'upload left behind'));
          throw error;
        }
      },
    });
  };

  async function upload(file: string, body: Readable | undefined): Promise<number> {
    const empty = problem(
      'invalid-request',
      'The body is empty; send the file as the body (with curl: --data-binary @file.csv).',
    );
    if (!body) throw empty;
    const { bytes } = await artifacts.put(file, body).catch((error) => {
      throw body.readableEnded
        ? error
        : problem('invalid-request', 'The upload broke off before its end.', {}, error);
    });
    if (bytes > 0) return bytes;
    await artifacts.remove(file);
    throw empty;
  }
}

function isGzip(encoding: string | undefined): boolean {
  if (encoding === undefined || encoding === 'identity') return false;
  if (encoding === 'gzip' || encoding === 'x-gzip') return true;
  throw problem('unsupported-media-type', `Content-Encoding must be gzip or identity; got ${encoding}.`);
}
