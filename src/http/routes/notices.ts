import { Type } from 'typebox';
import { ModelName } from '../../domain/base/model-name.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import { Notice, NoticeKind } from '../../domain/notices/notice.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';

const EXAMPLE: Notice = {
  id: 'ntc_01kq3v5yqk8r7m2d9xw4t6b1ce',
  at: '2026-03-01T12:04:10.000Z',
  kind: 'version.promoted',
  model: 'movies',
  version: 4,
  job: 'job_01kq3v5yqk8r7m2d9xw4t6b1ce',
  data: { alias: 'stable', from: 3 },
};

const listNotices = {
  operationId: 'listNotices',
  tags: ['operations'],
  summary: 'List what happened',
  description:
    'Ends of jobs, what came of versions, of experiments and of checks of drift: the same that webhooks are told. Newest first; kept for 90 days.',
  querystring: Type.Object(
    {
      kind: Type.Optional({ ...NoticeKind, examples: ['version.refused'] }),
      model: Type.Optional({ ...ModelName, description: 'Only about this model.', examples: ['movies'] }),
      ...PageQuery.properties,
    },
    { additionalProperties: false },
  ),
  response: {
    200: json('A page of notices.', Page(Notice), {
      'a promotion': { data: [EXAMPLE], nextCursor: null },
    }),
  },
  problems: {
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 0.',
  },
};

export function noticeRoutes({ store: { notices } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.get('/notices', {
      config: { scope: 'read' },
      schema: listNotices,
      handler: async ({ query: { kind, model, limit = 50, cursor } }) => {
        const page = await notices.list({ kind, model }, limit, cursor);
        return { data: page.rows, nextCursor: page.nextCursor };
      },
    });
  };
}
