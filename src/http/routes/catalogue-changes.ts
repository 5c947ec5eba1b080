import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { mergePatch } from '../../domain/base/merge-patch.ts';
import { Page, PageQuery } from '../../domain/base/page.ts';
import type { StoredItem, StoredUser } from '../../domain/data/catalogue.ts';
import { type Parsed, parseItem, parseUser } from '../../ingest/rows.ts';
import type { Paged } from '../../store/engine/paged.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { checkedId, ItemParams, UserParams } from '../path-id.ts';
import { acceptJson } from '../plugins/bodies.ts';
import { viewItem, viewUser } from '../views.ts';

const MERGE_PATCH = 'application/merge-patch+json';
const ITEM = { itemId: 'film-7', title: 'Toy Story (1995)', categories: ['Animation', 'Comedy'] };
const USER = { userId: 'user-42', features: { age: 24 } };
const AnyObject = Type.Object({}, { additionalProperties: true });

const ItemsQuery = Type.Object(
  {
    ...PageQuery.properties,
    category: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    hidden: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** What items and users have in common: one id, a row check, a view. */
interface Resource<T, Q extends TObject> {
  name: 'item' | 'user';
  schemaName: 'Item' | 'User';
  idField: 'itemId' | 'userId';
  params: TObject;
  query: Q;
  example: Record<string, unknown>;
  stored: Record<string, unknown>;
  parse(row: unknown): Parsed<T>;
  view(row: T): object;
  change(id: string, change: (row: T | null) => T): Promise<T>;
  list(query: Static<Q> & PageQuery): Promise<Paged<T>>;
}

export function changeItemRoutes({ store: { catalogue } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    changeRoutes<StoredItem, typeof ItemsQuery>(app, {
      name: 'item',
      schemaName: 'Item',
      idField: 'itemId',
      params: ItemParams,
      query: ItemsQuery,
      example: ITEM,
      stored: { ...ITEM, labels: [], features: {}, hidden: false, availableFrom: null, availableUntil: null },
      parse: parseItem,
      view: viewItem,
      change: catalogue.changeItem,
      list: ({ limit = 50, cursor, ...filter }) => catalogue.listItems(filter, limit, cursor),
    });
    app.delete('/items/:itemId', {
      config: { scope: 'ingest' },
      schema: deleteItem,
      handler: async (request, reply) => {
        const itemId = checkedId('itemId', request.params.itemId);
        if (!(await catalogue.deleteItem(itemId))) throw unknown('item', itemId);
        return reply.code(204).send();
      },
    });
  };
}

export function changeUserRoutes({ store: { catalogue } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> =>
    changeRoutes<StoredUser, typeof PageQuery>(app, {
      name: 'user',
      schemaName: 'User',
      idField: 'userId',
      params: UserParams,
      query: PageQuery,
      example: USER,
      stored: USER,
      parse: parseUser,
      view: viewUser,
      change: catalogue.changeUser,
      list: ({ limit = 50, cursor }) => catalogue.listUsers(limit, cursor),
    });
}

const deleteItem = {
  operationId: 'deleteItem',
  tags: ['data'],
  summary: 'Delete an item',
  description:
    'It is not recommended any more, at once, even by a model that knows it, until it is put again. Its interactions stay in the histories; DELETE /interactions?itemId= takes them away.',
  params: ItemParams,
  response: { 204: { description: 'Deleted.', type: 'null' } },
  problems: problems({
    'invalid-id': 'itemId contains a NUL character; remove it.',
    'not-found': 'There is no item "film-7".',
    'store-unavailable': 'The database cannot be written; try again in a few seconds.',
  }),
};

function changeRoutes<T, Q extends TObject>(app: App, resource: Resource<T, Q>): void {
  const { name, schemaName, idField, params, example, stored, parse, view, change } = resource;
  const path = `/${name}s/:${idField}`;
  const idOf = (request: { params: unknown }) =>
    checkedId(idField, (request.params as Record<string, string>)[idField]!);
  const { [idField]: _, ...sent } = example;
  acceptJson(app, MERGE_PATCH);

  app.get(`/${name}s`, {
    config: { scope: 'read' },
    schema: listSchema(resource),
    handler: async (request, reply) => {
      const { rows, nextCursor } = await resource.list(request.query as Static<Q> & PageQuery);
      reply.header('cache-control', 'private, no-store');
      return { data: rows.map(view), nextCursor };
    },
  });

  app.put(path, {
    config: { scope: 'ingest', documentedBody: documented(sent, 'application/json') },
    schema: {
      operationId: `put${schemaName}`,
      tags: ['data'],
      summary: `Add or replace one ${name}`,
      description: `The members of ${schemaName}; the id is the path's.`,
      params,
      body: AnyObject,
      response: { 200: json('As it is now.', named(`Stored${schemaName}`), stored) },
      problems: changeProblems(name, idField),
    },
    handler: async (request) => {
      const id = idOf(request);
      const row = checked(parse, idField, id, request.body);
      return view(await change(id, () => row));
    },
  });

  app.patch(path, {
    config: { scope: 'ingest', documentedBody: documented({ features: { year: null } }, MERGE_PATCH) },
    schema: {
      operationId: `patch${schemaName}`,
      tags: ['data'],
      summary: `Change one ${name}`,
      description:
        'A JSON merge patch (RFC 7396): what it names is replaced, null removes, objects such as features are merged, all else stays.',
      params,
      body: AnyObject,
      response: { 200: json('As it is now.', named(`Stored${schemaName}`), stored) },
      problems: {
        ...changeProblems(name, idField),
        ...problems({ 'not-found': `There is no ${name} "x".` }),
      },
    },
    handler: async (request) => {
      const id = idOf(request);
      const changed = await change(id, (row) => {
        if (row === null) throw unknown(name, id);
        return checked(parse, idField, id, mergePatch(withoutNulls(view(row)), request.body));
      });
      return view(changed);
    },
  });
}

/** The path has the id; a body that says another one is a mistake. */
function checked<T>(parse: (row: unknown) => Parsed<T>, idField: string, id: string, body: unknown): T {
  const row = { [idField]: id, ...(body as object) };
  if ((row as Record<string, unknown>)[idField] !== id) {
    throw problem('invalid-request', `${idField} in the body is not the one in the path; leave it out.`);
  }
  const parsed = parse(row);
  if ('reason' in parsed) throw problem('invalid-request', `${parsed.reason}.`);
  return parsed.ok;
}

/** A stored row as it would have been sent. */
function withoutNulls(view: object): object {
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== null));
}

const unknown = (name: string, id: string) =>
  problem('not-found', `There is no ${name} ${JSON.stringify(id)}.`);

function listSchema<T, Q extends TObject>({ name, schemaName, query, stored }: Resource<T, Q>) {
  const only = name === 'user' ? ' Only users with a record of their own are listed.' : '';
  return {
    operationId: `list${schemaName}s`,
    tags: ['data'],
    summary: `List ${name}s`,
    description: `In the order in which they were first seen.${only}`,
    querystring: query as TSchema,
    response: {
      200: json(`A page of ${name}s.`, Page(Type.Unsafe(named(`Stored${schemaName}`))), {
        data: [stored],
        nextCursor: null,
      }),
    },
    problems: problems({
      'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.',
      'store-unavailable': 'The database cannot be read; try again in a few seconds.',
    }),
  };
}

/** The example is within the schema: @fastify/swagger drops one beside it. */
function documented(example: object, type: string): Record<string, unknown> {
  return {
    content: { [type]: { schema: { type: 'object', additionalProperties: true, examples: [example] } } },
  };
}

function changeProblems(name: string, idField: string) {
  return problems({
    'malformed-json': 'The JSON is wrong at line 1, column 12.',
    'invalid-request': `hidden is "yes"; it must be true or false.`,
    'invalid-id': `${idField} contains a NUL character; remove it.`,
    'payload-too-large': 'The body may have at most 1048576 bytes here.',
    'unsupported-media-type': 'Content-Type is text/plain; send application/json.',
    'store-unavailable': `The ${name} cannot be written now; try again in a few seconds.`,
  });
}
