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
import { type Answer, json } from '../docs/documentation.ts';
import { RECEIPT } from '../docs/examples.ts';
import { checkedId, ItemParams, UserParams } from '../path-id.ts';
import { createAddInteractions } from '../rows/add-interactions.ts';
import { BATCH_BODY_LIMIT, documentedRows, refuseWhenAllAreBad, rowsBody } from '../rows/batch.ts';
import { RESULTS } from '../rows/interaction-results.ts';
import { acceptInteractionStream, NDJSON } from '../rows/interaction-stream.ts';
import {
  DeletionView,
  InteractionsResult,
  InteractionView,
  viewDeletion,
  viewInteraction,
} from '../views.ts';

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

const AddQuery = Type.Object(
  {
    results: Type.Optional(
      Type.Enum([...RESULTS], {
        description:
          'Of application/x-ndjson: which lines the answer has. refused (the default): refused lines, and {"settled": n} after each transaction. all: one per row; read them while you send. summary: the last line alone, for clients that read nothing before they have sent everything.',
        examples: ['all'],
      }),
    ),
  },
  { additionalProperties: false },
);
const BODY = {
  ...documentedRows('interactions', Interaction, EXAMPLE),
  [NDJSON]: {
    schema: Type.String({ description: 'One interaction as JSON per line; as many lines as you like.' }),
    examples: { 'one row': `${JSON.stringify(EXAMPLE)}\n` },
  },
};
const ANSWER_LINES = `{"line":2,"status":"refused","error":{"code":"invalid-rows","detail":"itemId is missing; it must be text of 1-256 bytes"}}
{"settled":2}
{"summary":{"lastLine":2,"stored":1,"duplicates":0,"refused":1,"isComplete":true}}
`;

const addInteractions = {
  operationId: 'addInteractions',
  tags: ['data'],
  summary: 'Add interactions',
  description:
    'Each row is judged for itself: good ones are stored, bad ones are listed with the reason. As JSON up to 1,000 rows; as application/x-ndjson a stream of any length, which is stored in transactions of up to 1,000 lines and answered line by line while it comes. What an answer says is stored is on disk. Sending a row with a time or an eventId twice stores it once; one without a time gets the time of receipt.',
  querystring: AddQuery,
  // Lines are checked one by one, as they come.
  body: { content: { 'application/json': { schema: rowsBody('interactions') } } },
  response: {
    200: streamed(
      json('At least one row was good; what is counted as accepted is on disk.', InteractionsResult, {
        'one good row, one bad': {
          accepted: 1,
          duplicates: 0,
          rejected: [{ index: 1, reason: 'value must be a number from 1 to 5 when type is rating; got 9' }],
        },
      }),
    ),
  },
  problems: {
    'invalid-request':
      'interactions must have at most 1000 entries; got 1001; send larger files to POST /imports.',
    'invalid-rows':
      'None of the 2 rows could be stored. Row 0: itemId is missing; it must be text of 1-256 bytes',
    'not-ready': 'The service is closing. The lines up to 2000 are settled; send those after it again.',
  },
};

/** The answer to a stream, beside that to JSON. */
function streamed(answer: Answer): Answer {
  return {
    ...answer,
    headers: ['Cache-Control', 'X-Accel-Buffering'],
    content: {
      ...answer.content,
      [NDJSON]: {
        schema: Type.String({
          description:
            'One JSON object per line: results of lines, {"settled": n} and at the end the summary, with an error where it ended early.',
        }),
        examples: { 'one good line, one bad': ANSWER_LINES },
      },
    },
  };
}

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
      config: { scope: 'session', audited: 'counted', documentedBody: BODY },
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
