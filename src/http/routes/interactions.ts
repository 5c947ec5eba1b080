import { Type } from 'typebox';
import { Page, PageQuery } from '../../domain/base/page.ts';
import type { Interaction } from '../../domain/data/interaction.ts';
import { parseInteraction } from '../../ingest/rows.ts';
import type { Click } from '../../store/registry/contract.ts';
import type { App } from '../app-type.ts';
import {
  acceptNdjson,
  BATCH_BODY_LIMIT,
  documentedRows,
  InteractionsResult,
  parseRows,
  refuseWhenAllAreBad,
  rowsBody,
} from '../batch.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { checkedId, UserParams } from '../path-id.ts';
import { viewInteraction } from '../views.ts';

const EXAMPLE = {
  userId: 'user-42',
  itemId: 'film-7',
  type: 'rating',
  value: 5,
  timestamp: '2026-03-01T12:00:00Z',
};

const addInteractions = {
  operationId: 'addInteractions',
  tags: ['data'],
  summary: 'Add interactions',
  description:
    'Up to 1,000 rows. Each row is judged for itself: good ones are stored, bad ones are listed with index and reason. Sending a row twice stores it once.',
  body: rowsBody('interactions'),
  response: {
    200: json('At least one row was good; what is counted as accepted is on disk.', InteractionsResult, {
      accepted: 1,
      duplicates: 0,
      rejected: [{ index: 1, reason: 'value must be from 1 to 5 for type rating; got 9' }],
    }),
  },
  problems: problems({
    'malformed-json': 'NaN at line 1, column 40 is not JSON; send a number, or leave the field out.',
    'invalid-request':
      'interactions must have at most 1000 entries; got 1001; send larger files to POST /imports.',
    'invalid-rows': 'None of the 2 rows could be stored. Row 0: itemId is missing',
    'payload-too-large': 'The body may have at most 4194304 bytes here.',
    'unsupported-media-type': 'Content-Type is text/plain; send application/json.',
    'store-unavailable': 'The database cannot be written; try again in a few seconds.',
  }),
};

const listUserInteractions = {
  operationId: 'listUserInteractions',
  tags: ['data'],
  summary: "List a user's interactions",
  description: 'Newest first; those without a time come last. Empty for an unknown user.',
  params: UserParams,
  querystring: PageQuery,
  response: {
    200: json('A page of interactions.', Page(Type.Unsafe(named('StoredInteraction'))), {
      data: [{ ...EXAMPLE, timestamp: '2026-03-01T12:00:00.000Z', eventId: null }],
      nextCursor: null,
    }),
  },
  problems: problems({
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.',
    'invalid-id': 'userId contains a NUL character; remove it.',
    'store-unavailable': 'The database cannot be read; try again in a few seconds.',
  }),
};

export function interactionRoutes({ store, now, servedLog }: Pick<AppDeps, 'store' | 'now' | 'servedLog'>) {
  return async (app: App): Promise<void> => {
    acceptNdjson(app, 'interactions');

    app.post('/interactions', {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { scope: 'ingest', documentedBody: documentedRows('interactions', 'Interaction', EXAMPLE) },
      schema: addInteractions,
      handler: async (request) => {
        const rows = (request.body as { interactions: unknown[] }).interactions;
        const time = now();
        const { good, rejected } = parseRows(rows, (row) => parseInteraction(row, time));
        refuseWhenAllAreBad(rows.length, rejected, { accepted: 0, duplicates: 0 });
        const outcomes = await store.interactions.add(good);
        servedLog.click(clicksAmong(rows, rejected));
        const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
        return { accepted, duplicates: outcomes.length - accepted, rejected };
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

/** Good rows that name the recommendation they come from. */
function clicksAmong(rows: readonly unknown[], rejected: readonly { index: number }[]): Click[] {
  const bad = new Set(rejected.map(({ index }) => index));
  return rows.flatMap((row, index) => {
    const { recommendationId, itemId, type } = row as Partial<Interaction>;
    return bad.has(index) || !recommendationId ? [] : [{ recommendationId, itemId: itemId!, type: type! }];
  });
}
