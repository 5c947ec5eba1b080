import { Type } from 'typebox';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { findJob } from '../../jobs/find-job.ts';
import { JobParams } from '../../path-id.ts';

const Reject = Type.Object({
  line: Type.Integer({ description: 'In the file, from 1.' }),
  reason: Type.String(),
  text: Type.String({ description: 'The line, at most 1,000 characters of it.' }),
});

const REJECT = {
  line: 7,
  reason: 'value must be a number from 1 to 5 when type is rating; got 9',
  text: 'user-42,film-7,9,881250949',
};

const listRejects = {
  operationId: 'listRejects',
  tags: ['jobs'],
  summary: 'List the bad lines of an import',
  description: 'In the order of the file, also while the import runs.',
  params: JobParams,
  querystring: PageQuery,
  response: {
    200: json(
      'A page of bad lines.',
      Page(Reject),
      { 'a rating that is out of range': { data: [REJECT], nextCursor: null } },
      ['Cache-Control'],
    ),
  },
  problems: {
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.',
    'not-found': 'There is no job "job_1".',
  },
};

export function rejectRoutes({ store }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.get('/jobs/:id/rejects', {
      config: { scope: 'read' },
      schema: listRejects,
      handler: async (request, reply) => {
        const { limit = 50, cursor } = request.query;
        const job = await findJob(store.jobs, request.params.id);
        const { rows, nextCursor } = await store.rejects.list(job.id, limit, cursor);
        reply.header('cache-control', 'private, no-store');
        return { data: rows, nextCursor };
      },
    });
  };
}
