import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { Id } from '../../domain/base/id.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import { InteractionType } from '../../domain/data/interaction.ts';
import type { InteractionFilter } from '../../store/data/contract.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { checkedId, UserParams } from '../path-id.ts';
import { viewDeletion } from '../views.ts';

const RECEIPT = {
  id: '0d2c9f3e-4b8e-4c55-9d0e-6f0f4f2f7c11',
  at: '2026-03-01T12:00:00.000Z',
  what: 'user',
  interactions: 12,
};

const deleteUser = {
  operationId: 'deleteUser',
  tags: ['data'],
  summary: 'Erase a user',
  description:
    'Interactions and features are gone when the answer comes: recommendations, lists and exports know nothing of the user any more, nor does the next trained model. What stays is the receipt, which says when, and not who.',
  params: UserParams,
  response: { 200: json('Erased.', named('Deletion'), RECEIPT) },
  problems: problems({
    'invalid-id': 'userId contains a NUL character; remove it.',
    'not-found': 'Nothing is known of user "user-42".',
    'store-unavailable': 'The database cannot be written; try again in a few seconds.',
  }),
};

const DeleteQuery = Type.Object(
  { userId: Type.Optional(Id), itemId: Type.Optional(Id), type: Type.Optional(InteractionType) },
  { additionalProperties: false },
);

const deleteInteractions = {
  operationId: 'deleteInteractions',
  tags: ['data'],
  summary: 'Delete interactions by user, item or type',
  description:
    'All that fit every part of the query, which needs one at least. The same events sent again, late or in a retry, stay deleted; rows with neither time nor eventId count as new when they are sent again.',
  querystring: DeleteQuery,
  response: {
    200: json('Deleted.', named('Deletion'), { ...RECEIPT, what: 'interactions by userId and itemId' }),
  },
  problems: problems({
    'invalid-request': 'Say what to delete: userId, itemId, type, or several of them.',
    'invalid-id': 'userId contains a NUL character; remove it.',
    'store-unavailable': 'The database cannot be written; try again in a few seconds.',
  }),
};

const listDeletions = {
  operationId: 'listDeletions',
  tags: ['data'],
  summary: 'List what was erased, and when',
  querystring: PageQuery,
  response: {
    200: json('A page, newest first.', Page(Type.Unsafe(named('Deletion'))), {
      data: [RECEIPT],
      nextCursor: null,
    }),
  },
  problems: problems({
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.',
    'store-unavailable': 'The database cannot be read; try again in a few seconds.',
  }),
};

export function deletionRoutes({ store: { deletions } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.delete('/users/:userId', {
      config: { scope: 'ingest' },
      schema: deleteUser,
      handler: async (request) => {
        const userId = checkedId('userId', request.params.userId);
        const deletion = await deletions.user(userId);
        if (!deletion) throw problem('not-found', `Nothing is known of user ${JSON.stringify(userId)}.`);
        return viewDeletion(deletion);
      },
    });

    app.delete('/interactions', {
      config: { scope: 'ingest' },
      schema: deleteInteractions,
      handler: async (request) => {
        const filter: InteractionFilter = request.query;
        if (Object.keys(filter).length === 0) {
          throw problem('invalid-request', 'Say what to delete: userId, itemId, type, or several of them.');
        }
        if (filter.userId !== undefined) checkedId('userId', filter.userId);
        if (filter.itemId !== undefined) checkedId('itemId', filter.itemId);
        return viewDeletion(await deletions.interactions(filter));
      },
    });

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
