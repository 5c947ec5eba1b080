import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { Id } from '../../domain/base/id.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import { Interaction, InteractionType } from '../../domain/data/interaction.ts';
import type { InteractionFilter } from '../../store/data/contract.ts';
import { refuseForeignEvents } from '../access/visitor-keys.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { RECEIPT } from '../docs/examples.ts';
import { checkedId, ItemParams, UserParams } from '../path-id.ts';
import { createAddInteractions } from '../rows/add-interactions.ts';
import { BATCH_BODY_LIMIT, documentedRows, refuseWhenAllAreBad, rowsBody } from '../rows/batch.ts';
import { acceptInteractionStream, NDJSON } from '../rows/interaction-stream.ts';
import {
  DeletionView,
  InteractionsResult,
  InteractionView,
  viewDeletion,
  viewInteraction,
} from '../views.ts';
import { StreamQuery, streamedBody, streamInteractions } from './stream-interactions.ts';

const EXAMPLE = {
  userId: 'user-42',
  itemId: 'film-7',
  type: 'rating',
  value: 5,
  timestamp: '2026-03-01T12:00:00Z',
};
const STORED = {
  ...EXAMPLE,
  timestamp: '2026-03-01T12:00:00.000Z',
  eventId: null,
  timestampSource: 'given' as const,
  context: null,
};

const { 'application/json': documented } = documentedRows('interactions', Interaction, EXAMPLE);

const addInteractions = {
  operationId: 'addInteractions',
  tags: ['data'],
  summary: 'Add interactions',
  description:
    'Each row is judged for itself: good ones are stored, bad ones are listed with the reason. Up to 1,000 rows; POST /interactions/stream takes any number. What an answer says is stored is on disk. A body of application/x-ndjson is taken and answered as there. Sending a row with a time or an eventId twice stores it once; one without a time gets the time of receipt.',
  querystring: StreamQuery,
  // Lines are checked one by one, as they come.
  body: { content: { 'application/json': { schema: rowsBody('interactions') } } },
  response: {
    200: json('At least one row was good; what is counted as accepted is on disk.', InteractionsResult, {
      'one good row, one bad': {
        accepted: 1,
        duplicates: 0,
        rejected: [{ index: 1, reason: 'value must be a number from 1 to 5 when type is rating; got 9' }],
      },
    }),
  },
  problems: {
    'invalid-request':
      'interactions must have at most 1000 entries; got 1001; send larger files to POST /imports.',
    'invalid-rows':
      'None of the 2 rows could be stored. Row 0: itemId is missing; it must be text of 1-256 bytes',
  },
};

const listUserInteractions = {
  operationId: 'listUserInteractions',
  tags: ['data'],
  summary: "List a user's interactions",
  description: 'Newest first; those without a time come last. Empty for an unknown user.',
  params: UserParams,
  querystring: PageQuery,
  response: {
    200: json(
      'A page of interactions.',
      Page(InteractionView),
      { 'the last page': { data: [STORED], nextCursor: null } },
      ['Cache-Control'],
    ),
  },
  problems: {
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.',
  },
};

const DeleteQuery = Type.Object(
  {
    userId: Type.Optional(Id),
    itemId: Type.Optional(ItemParams.properties.itemId),
    type: Type.Optional(InteractionType),
  },
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
    200: json('Deleted.', DeletionView, {
      'a receipt': { ...RECEIPT, what: 'interactions by userId and itemId' },
    }),
  },
  problems: {
    'invalid-request': 'Say what to delete: userId, itemId, type, or several of them.',
    'invalid-id': 'userId contains a NUL character; remove it.',
  },
};

type Deps = Pick<AppDeps, 'store' | 'now' | 'servedLog' | 'installedEvents' | 'interactionStream' | 'counts'>;

export function interactionRoutes(deps: Deps) {
  const { store, interactionStream: timing } = deps;
  const add = createAddInteractions(deps);
  return async (app: App): Promise<void> => {
    const answerStream = acceptInteractionStream(app, { add, timing });

    app.post('/interactions', {
      bodyLimit: BATCH_BODY_LIMIT,
      config: {
        ...{ scope: 'session', audited: 'counted', packedLines: true },
        documentedBody: { 'application/json': documented! },
      },
      schema: addInteractions,
      handler: async (request, reply) => {
        const { body, query } = request;
        if (body instanceof Readable) {
          refuseForeignEvents(request, undefined);
          return answerStream(request, reply, query.results ?? 'refused');
        }
        if (query.results !== undefined)
          throw problem('invalid-request', `results is an option of ${NDJSON}; leave it out with JSON.`);
        if (body === undefined) throw problem('invalid-request', 'the body is missing.');
        const { interactions: rows } = body as { interactions: unknown[] };
        refuseForeignEvents(request, rows);
        const { rejected, outcomes, warnings } = await add(rows);
        refuseWhenAllAreBad(rows.length, rejected, { accepted: 0, duplicates: 0 });
        const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
        return {
          ...{ accepted, duplicates: outcomes.length - accepted, rejected },
          ...(warnings.length > 0 && { warnings }),
        };
      },
    });

    app.post('/interactions/stream', {
      config: {
        ...{ scope: 'events', audited: 'counted', packedLines: true },
        documentedBody: streamedBody(EXAMPLE),
      },
      schema: streamInteractions,
      handler: async (request, reply) => {
        if (!(request.body instanceof Readable)) {
          const type = request.headers['content-type'] ?? 'none';
          throw problem(
            'unsupported-media-type',
            `Content-Type must be ${NDJSON}; got ${type}. POST /interactions takes JSON.`,
          );
        }
        return answerStream(request, reply, request.query.results ?? 'refused');
      },
    });

    app.delete('/interactions', {
      config: { scope: 'write' },
      schema: deleteInteractions,
      handler: async (request) => {
        const filter: InteractionFilter = request.query;
        if (Object.keys(filter).length === 0) {
          throw problem('invalid-request', 'Say what to delete: userId, itemId, type, or several of them.');
        }
        if (filter.userId !== undefined) checkedId('userId', filter.userId);
        if (filter.itemId !== undefined) checkedId('itemId', filter.itemId);
        return viewDeletion(await store.deletions.interactions(filter));
      },
    });

    app.get('/users/:userId/interactions', {
      config: { scope: 'read' },
      schema: listUserInteractions,
      handler: async (request, reply) => {
        const { limit = 50, cursor } = request.query;
        const userId = checkedId('userId', request.params.userId);
        const page = await store.interactions.list(userId, limit, cursor);
        reply.header('cache-control', 'private, no-store');
        return { data: page.rows.map(viewInteraction), nextCursor: page.nextCursor };
      },
    });
  };
}
