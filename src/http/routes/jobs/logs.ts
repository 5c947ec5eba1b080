import { Type } from 'typebox';
import { Page } from '../../../domain/base/page.ts';
import { JobLogLine } from '../../../domain/jobs/job.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { findJob } from '../../jobs/find-job.ts';
import { JobParams } from '../../path-id.ts';

const LogsQuery = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({
        'x-must-be': 'a whole number: the seq of the last line you have',
        pattern: '^[0-9]{1,15}$',
        description: 'The seq of the last line you have; 0 for none.',
        examples: ['3'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 100,
        description: 'How many lines a page may have.',
        examples: [100],
      }),
    ),
  },
  { additionalProperties: false },
);

const LINE: JobLogLine = {
  seq: 1,
  at: '2026-03-01T12:00:01.000Z',
  level: 'info',
  message: 'Attempt 1 starts on trainer-1, process 4711.',
};

const listJobLogs = {
  operationId: 'listJobLogs',
  tags: ['jobs'],
  summary: "Read a job's log",
  description:
    'What its workers did and what its trainer processes printed, oldest first; at most 20,000 lines are kept. What a program needs is in the events.',
  params: JobParams,
  querystring: LogsQuery,
  response: {
    200: json('A page of lines.', Page(JobLogLine), {
      'the first line': { data: [LINE], nextCursor: null },
    }),
  },
  problems: {
    'invalid-request': 'cursor must be a whole number: the seq of the last line you have; got "abc".',
    'not-found': 'There is no job "job_1".',
  },
};

export function jobLogRoutes({ store: { jobs } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.get('/jobs/:id/logs', {
      config: { scope: 'train' },
      schema: listJobLogs,
      handler: async (request) => {
        const { cursor = '0', limit = 100 } = request.query;
        const { id } = await findJob(jobs, request.params.id);
        const data = await jobs.logs(id, Number(cursor), limit);
        return { data, nextCursor: data.length < limit ? null : String(data.at(-1)?.seq) };
      },
    });
  };
}
