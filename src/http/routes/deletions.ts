import { Page, PageQuery } from '../../domain/base/page.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECEIPT } from '../docs/examples.ts';
import { DeletionView, viewDeletion } from '../views.ts';

const listDeletions = {
  operationId: 'listDeletions',
  tags: ['data'],
  summary: 'List what was erased, and when',
  description: 'The receipts of DELETE /users/{userId} and DELETE /interactions, newest first.',
  querystring: PageQuery,
  response: {
    200: json('A page, newest first.', Page(DeletionView), {
      'one receipt': { data: [RECEIPT], nextCursor: null },
    }),
  },
  problems: { 'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.' },
};

export function deletionRoutes({ store: { deletions } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.get('/deletions', {
      config: { scope: 'admin' },
      schema: listDeletions,
      handler: async (request) => {
        const { limit = 50, cursor } = request.query;
        const { rows, nextCursor } = await deletions.list(limit, cursor);
        return { data: rows.map(viewDeletion), nextCursor };
      },
    });
  };
}
