import { problem } from '../../core/errors.ts';
import { type Parsed, parseItem, parseUser } from '../../ingest/rows.ts';
import type { App } from '../app-type.ts';
import {
  acceptNdjson,
  BATCH_BODY_LIMIT,
  documentedRows,
  parseRows,
  refuseWhenAllAreBad,
  rowsBody,
  UpsertResult,
} from '../batch.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { checkedId, ItemParams, UserParams } from '../path-id.ts';
import { viewItem, viewUser } from '../views.ts';

const ITEM = { itemId: 'film-7', title: 'Toy Story (1995)', categories: ['Animation', 'Comedy'] };
const USER = { userId: 'user-42', features: { age: 24 } };

const getItem = {
  operationId: 'getItem',
  tags: ['data'],
  summary: 'Read an item',
  params: ItemParams,
  response: {
    200: json('The item.', named('StoredItem'), {
      ...ITEM,
      labels: [],
      features: {},
      hidden: false,
      availableFrom: null,
      availableUntil: null,
    }),
  },
  problems: problems({
    'invalid-id': 'itemId contains a NUL character; remove it.',
    'not-found': 'There is no item film-7.',
    'store-unavailable': 'The database cannot be read; try again in a few seconds.',
  }),
};

const getUser = {
  operationId: 'getUser',
  tags: ['data'],
  summary: 'Read a user',
  description:
    'Only users sent to POST /users or imported are found here; interactions alone make no such record.',
  params: UserParams,
  response: {
    200: json('The user.', named('StoredUser'), USER),
  },
  problems: problems({
    'invalid-id': 'userId contains a NUL character; remove it.',
    'not-found': 'There is no user "user-42".',
    'store-unavailable': 'The database cannot be read; try again in a few seconds.',
  }),
};

export function itemRoutes({ store: { catalogue } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    upsertRoute(app, {
      field: 'items',
      schemaName: 'Item',
      example: ITEM,
      parse: parseItem,
      put: catalogue.putItems,
    });

    app.get('/items/:itemId', {
      config: { scope: 'read' },
      schema: getItem,
      handler: async (request) => {
        const itemId = checkedId('itemId', request.params.itemId);
        const item = await catalogue.getItem(itemId);
        if (!item) throw problem('not-found', `There is no item ${JSON.stringify(itemId)}.`);
        return viewItem(item);
      },
    });
  };
}

export function userRoutes({ store: { catalogue } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    upsertRoute(app, {
      field: 'users',
      schemaName: 'User',
      example: USER,
      parse: parseUser,
      put: catalogue.putUsers,
    });

    app.get('/users/:userId', {
      config: { scope: 'read' },
      schema: getUser,
      handler: async (request, reply) => {
        const userId = checkedId('userId', request.params.userId);
        const user = await catalogue.getUser(userId);
        if (!user) throw problem('not-found', `There is no user ${JSON.stringify(userId)}.`);
        reply.header('cache-control', 'private, no-store');
        return viewUser(user);
      },
    });
  };
}

interface Upsert<T> {
  field: 'items' | 'users';
  schemaName: 'Item' | 'User';
  example: object;
  parse(row: unknown): Parsed<T>;
  put(rows: readonly T[]): Promise<void>;
}

function upsertRoute<T>(app: App, { field, schemaName, example, parse, put }: Upsert<T>): void {
  acceptNdjson(app, field);
  app.post(`/${field}`, {
    bodyLimit: BATCH_BODY_LIMIT,
    config: { scope: 'ingest', documentedBody: documentedRows(field, schemaName, example) },
    schema: {
      operationId: `put${schemaName}s`,
      tags: ['data'],
      summary: `Add or replace ${field}`,
      description: `Up to 1,000 rows; a later one with the same id replaces an earlier one. Good rows are stored, bad ones are listed with index and reason.`,
      body: rowsBody(field),
      response: {
        200: json('At least one row was good.', UpsertResult, {
          accepted: 1,
          rejected: [{ index: 1, reason: `${field === 'items' ? 'itemId' : 'userId'} is missing` }],
        }),
      },
      problems: problems({
        'malformed-json': 'The JSON is wrong at line 1, column 12.',
        'invalid-request': `${field} must have at most 1000 entries; got 1001; send larger files to POST /imports.`,
        'invalid-rows': 'None of the 2 rows could be stored. Row 0: an id is missing',
        'payload-too-large': 'The body may have at most 4194304 bytes here.',
        'unsupported-media-type': 'Content-Type is text/plain; send application/json.',
        'store-unavailable': 'The database cannot be written; try again in a few seconds.',
      }),
    },
    handler: async (request) => {
      const rows = (request.body as Record<string, unknown[]>)[field] ?? [];
      const { good, rejected } = parseRows(rows, parse);
      refuseWhenAllAreBad(rows.length, rejected, { accepted: 0 });
      await put(good);
      return { accepted: good.length, rejected };
    },
  });
}
