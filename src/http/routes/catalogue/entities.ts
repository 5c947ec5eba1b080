import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { mergePatch } from '../../../domain/base/merge-patch.ts';
import { Page, type PageQuery } from '../../../domain/base/page.ts';
import type { Parsed } from '../../../ingest/rows.ts';
import type { Paged } from '../../../store/engine/paged.ts';
import type { App } from '../../app-type.ts';
import { json } from '../../docs/documentation.ts';
import { checkedId } from '../../path-id.ts';
import { acceptJson } from '../../plugins/bodies.ts';
import {
  acceptNdjson,
  BATCH_BODY_LIMIT,
  documentedRows,
  parseRows,
  refuseWhenAllAreBad,
  rowsBody,
} from '../../rows/batch.ts';
import { UpsertResult } from '../../views.ts';
import { checkedRow, withoutNulls } from './checked-row.ts';
import { checkRow, RowConditions } from './conditions.ts';

const MERGE_PATCH = 'application/merge-patch+json';
const AnyObject = Type.Object({}, { additionalProperties: true });

/** Items and users alike: rows with an id, checked one by one, that can be put, read, listed and changed. */
export interface Entity<T, Q extends TObject> {
  name: 'item' | 'user';
  schemaName: 'Item' | 'User';
  idField: 'itemId' | 'userId';
  schema: TObject;
  stored: TSchema;
  params: TObject;
  query: Q;
  /** One as it is sent, and as it is handed out. */
  example: { sent: Record<string, unknown>; stored: Record<string, unknown> };
  /** Data of a person must be kept by nobody on the way. */
  isPersonal: boolean;
  /** Sentences that the reading of one and of a list add to their descriptions. */
  notes: { get: string; list: string };
  parse(row: unknown): Parsed<T>;
  view(row: T): object;
  put(rows: readonly T[]): Promise<void>;
  get(id: string): Promise<T | null>;
  change(id: string, change: (row: T | null) => T): Promise<T>;
  list(query: Static<Q> & PageQuery): Promise<Paged<T>>;
}

export function entityRoutes<T, Q extends TObject>(app: App, entity: Entity<T, Q>): void {
  upsertRoute(app, entity);
  readRoutes(app, entity);
  changeRoutes(app, entity);
}

function upsertRoute<T, Q extends TObject>(app: App, entity: Entity<T, Q>): void {
  const { name, schemaName, idField, schema, example, parse, put } = entity;
  const field = `${name}s`;
  acceptNdjson(app, field);
  app.post(`/${field}`, {
    bodyLimit: BATCH_BODY_LIMIT,
    config: { scope: 'write', documentedBody: documentedRows(field, schema, example.sent) },
    schema: {
      operationId: `put${schemaName}s`,
      tags: ['data'],
      summary: `Add or replace ${field}`,
      description:
        'Up to 1,000 rows; a later one with the same id replaces an earlier one. Good rows are stored, bad ones are listed with index and reason.',
      body: rowsBody(field),
      response: {
        200: json('At least one row was good.', UpsertResult, {
          'one good row, one bad': { accepted: 1, rejected: [{ index: 1, reason: `${idField} is missing` }] },
        }),
      },
      problems: {
        'invalid-request': `${field} must have at most 1000 entries; got 1001; send larger files to POST /imports.`,
        'invalid-rows': `None of the 2 rows could be stored. Row 0: ${idField} is missing`,
      },
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

function readRoutes<T, Q extends TObject>(app: App, entity: Entity<T, Q>): void {
  const { name, schemaName, idField, stored, params, example, notes, isPersonal, view } = entity;
  app.get(`/${name}s`, {
    config: { scope: 'read' },
    schema: {
      operationId: `list${schemaName}s`,
      tags: ['data'],
      summary: `List ${name}s`,
      description: `In the order in which they were first seen. ${notes.list}`.trim(),
      querystring: entity.query as TSchema,
      response: {
        200: json(
          `A page of ${name}s.`,
          Page(stored),
          { 'the last page': { data: [example.stored], nextCursor: null } },
          ['Cache-Control'],
        ),
      },
      problems: { 'invalid-request': 'limit must be a whole number from 1 to 1000; got 5000.' },
    },
    handler: async (request, reply) => {
      const { rows, nextCursor } = await entity.list(request.query as Static<Q> & PageQuery);
      reply.header('cache-control', 'private, no-store');
      return { data: rows.map(view), nextCursor };
    },
  });

  app.get(`/${name}s/:${idField}`, {
    // What is personal is kept by nobody, so that nobody could name it.
    config: { scope: 'read', etag: !isPersonal },
    schema: {
      operationId: `get${schemaName}`,
      tags: ['data'],
      summary: `Read one ${name}`,
      description: notes.get,
      params,
      response: {
        200: json(
          `The ${name}.`,
          stored,
          { [`one ${name}`]: example.stored },
          isPersonal ? ['Cache-Control'] : [],
        ),
      },
      problems: { 'not-found': `There is no ${name} "x".` },
    },
    handler: async (request, reply) => {
      const id = idOf(entity, request);
      const row = await entity.get(id);
      if (row === null) throw unknown(name, id);
      if (isPersonal) reply.header('cache-control', 'private, no-store');
      return view(row);
    },
  });
}

function changeRoutes<T, Q extends TObject>(app: App, entity: Entity<T, Q>): void {
  const { name, schemaName, idField, stored, params, example, parse, view, change } = entity;
  const path = `/${name}s/:${idField}`;
  const { [idField]: _, ...sent } = example.sent;
  const response = { 200: json('As it is now.', stored, { [`the changed ${name}`]: example.stored }) };
  acceptJson(app, MERGE_PATCH);
  const { headers, refused, check } = conditionsOf(entity);

  app.put(path, {
    config: {
      scope: 'write',
      documentedBody: {
        'application/json': { schema: withoutId(entity), examples: { [`a whole ${name}`]: sent } },
      },
    },
    schema: {
      operationId: `put${schemaName}`,
      tags: ['data'],
      summary: `Add or replace one ${name}`,
      description: `The members of ${schemaName}; the id is the path's.`,
      params,
      ...headers,
      body: AnyObject,
      response,
      problems: {
        ...refused,
        'invalid-request': 'features must be an object of at most 64 KiB; got a list.',
      },
    },
    handler: async (request, reply) => {
      const id = idOf(entity, request);
      const row = checkedRow(parse, idField, id, request.body);
      const changed = await change(id, (before) => {
        check(request, reply, before);
        return row;
      });
      return view(changed);
    },
  });

  app.patch(path, {
    config: {
      scope: 'write',
      documentedBody: {
        [MERGE_PATCH]: {
          schema: AnyObject,
          examples: { 'without its year': { features: { year: null } } },
        },
      },
    },
    schema: {
      operationId: `patch${schemaName}`,
      tags: ['data'],
      summary: `Change one ${name}`,
      description:
        'A JSON merge patch (RFC 7396): what it names is replaced, null removes, objects such as features are merged, all else stays.',
      params,
      ...headers,
      body: AnyObject,
      response,
      problems: {
        ...refused,
        'invalid-request': 'features must be an object of at most 64 KiB; got a list.',
        'not-found': `There is no ${name} "x".`,
      },
    },
    handler: async (request, reply) => {
      const id = idOf(entity, request);
      const changed = await change(id, (row) => {
        if (row === null) throw unknown(name, id);
        check(request, reply, row);
        return checkedRow(parse, idField, id, mergePatch(withoutNulls(view(row)), request.body));
      });
      return view(changed);
    },
  });
}

/** If-Match and If-None-Match of a change. Personal rows have none, as they have no ETag that could be named. */
function conditionsOf<T, Q extends TObject>({ name, view, isPersonal }: Entity<T, Q>) {
  return {
    headers: isPersonal ? {} : { headers: RowConditions },
    refused: isPersonal
      ? {}
      : { 'precondition-failed': `The ${name} is not what If-Match says; read it again.` },
    check(request: FastifyRequest, reply: FastifyReply, row: T | null): void {
      if (!isPersonal) checkRow(`The ${name}`, request, reply, row && view(row));
    },
  };
}

function idOf({ idField }: { idField: string }, request: { params: unknown }): string {
  return checkedId(idField, (request.params as Record<string, string>)[idField]!);
}

export const unknown = (name: string, id: string) =>
  problem('not-found', `There is no ${name} ${JSON.stringify(id)}.`);

function withoutId({ schema, idField }: { schema: TObject; idField: string }): TObject {
  const { [idField]: _, ...others } = schema.properties;
  return Type.Object(others, { additionalProperties: false });
}
