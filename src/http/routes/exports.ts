import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { problem } from '../../core/errors.ts';
import { parseTimestamp } from '../../domain/base/timestamp.ts';
import { ExportQuery, InteractionExportQuery } from '../../domain/data/export.ts';
import type { ExportFilter, ExportPage, InteractionPosition } from '../../store/data/contract.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { type CsvShape, INTERACTIONS, ITEMS, USERS } from '../rows/csv-rows.ts';
import { csv, exportLines, ndjson } from '../rows/export-lines.ts';
import { exportParquet } from '../rows/export-parquet.ts';
import { sendFile } from '../rows/send-file.ts';
import { viewInteraction, viewItem, viewUser } from '../views.ts';

/** Rows per read of the database: a few milliseconds each. */
const PAGE = 500;
const PARQUET = 'application/vnd.apache.parquet';

export function exportRoutes({ store }: Pick<AppDeps, 'store'>) {
  const { exports } = store;
  return async (app: App): Promise<void> => {
    app.get('/exports/interactions', {
      exposeHeadRoute: false,
      config: { scope: 'admin', audited: 'whole' },
      schema: documented(
        'interactions',
        InteractionExportQuery,
        {
          ndjson:
            '{"userId":"user-42","itemId":"film-7","type":"click","value":null,"timestamp":"2026-03-01T12:00:00.000Z","eventId":null,"timestampSource":"given","context":null}\n',
          csv: 'userId,itemId,type,value,timestamp,eventId,timestampSource,context\nuser-42,film-7,click,,2026-03-01T12:00:00.000Z,,given,\n',
        },
        'In the order in which they were stored, with since or until in the order of their time; what comes in later is not part of it. since and until leave out interactions without a time.',
      ),
      handler: async (request, reply) => {
        const filter = filterOf(request.query);
        const newest = await exports.newestInteraction();
        const read = (after?: InteractionPosition) => exports.interactions(after, newest, PAGE, filter);
        return send(request, reply, 'interactions', read, viewInteraction, INTERACTIONS);
      },
    });
    app.get('/exports/items', {
      exposeHeadRoute: false,
      config: { scope: 'admin', audited: 'whole' },
      schema: documented('items', ExportQuery, {
        ndjson: '{"itemId":"film-7","title":"Toy Story (1995)"}\n',
        csv: 'itemId,title,categories,labels,features,hidden,availableFrom,availableUntil\nfilm-7,Toy Story (1995),Animation|Comedy,,{},false,,\n',
      }),
      handler: (request, reply) =>
        send(request, reply, 'items', (after?: number) => exports.items(after, PAGE), viewItem, ITEMS),
    });
    app.get('/exports/users', {
      exposeHeadRoute: false,
      config: { scope: 'admin', audited: 'whole' },
      schema: documented(
        'users',
        ExportQuery,
        {
          ndjson: '{"userId":"user-42","features":{"age":24}}\n',
          csv: 'userId,features\nuser-42,"{""age"":24}"\n',
        },
        'Users that were sent with features; those known from interactions alone are in the interactions.',
      ),
      handler: (request, reply) =>
        send(request, reply, 'users', (after?: number) => exports.users(after, PAGE), viewUser, USERS),
    });
  };
}

function documented<Query extends TSchema>(
  kind: string,
  querystring: Query,
  example: { ndjson: string; csv: string },
  more = '',
) {
  return {
    operationId: `export${kind[0]!.toUpperCase()}${kind.slice(1)}`,
    tags: ['data'],
    summary: `Export all ${kind}`,
    description:
      `A stream of any size, which POST /imports takes back. With Accept-Encoding: gzip it comes compressed (curl --compressed). A stream that breaks off was not complete. ${more}`.trim(),
    querystring,
    response: {
      200: {
        description: `Every one of the ${kind}.`,
        headers: ['Cache-Control', 'Vary', 'Content-Disposition', 'Content-Encoding'] as const,
        content: {
          'application/x-ndjson': {
            schema: { type: 'string', format: 'binary' },
            examples: { 'one line': example.ndjson },
          },
          'text/csv': {
            schema: { type: 'string', format: 'binary' },
            examples: { 'a header and a row': example.csv },
          },
          ...(kind === 'interactions' && {
            [PARQUET]: {
              schema: { type: 'string', format: 'binary' },
              examples: { 'the start of a file': 'PAR1' },
            },
          }),
        },
      },
    },
    problems: {
      'invalid-request': 'format must be one of ndjson, csv; got "xml".',
    },
  };
}

/** The first page is read before anything is sent, so that a database that is away is a 503 and no empty file. */
async function send<Stored, Row, Position>(
  request: Asked,
  reply: FastifyReply,
  kind: string,
  read: (after?: Position) => Promise<ExportPage<Stored, Position>>,
  view: (row: Stored) => Row,
  shape: CsvShape<Row>,
): Promise<FastifyReply> {
  const first = await read();
  const pages = (after?: Position) => (after === undefined ? Promise.resolve(first) : read(after));
  const { format = 'ndjson' } = request.query;
  if (format === 'parquet') {
    const file = Readable.from(exportParquet(pages, view as never), { objectMode: false });
    return sendFile(request, reply, file, { name: `${kind}.parquet`, type: PARQUET });
  }
  const lines = Readable.from(exportLines(pages, view, format === 'csv' ? csv(shape) : ndjson<Row>()));
  const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
  return sendFile(request, reply, lines, { name: `${kind}.${format}`, type });
}

type Asked = Pick<FastifyRequest, 'headers' | 'log'> & { query: { format?: 'ndjson' | 'csv' | 'parquet' } };

function filterOf({ type, since, until }: InteractionExportQuery): ExportFilter {
  const filter: ExportFilter = { type, since: timeOf('since', since), until: timeOf('until', until) };
  if (filter.since !== undefined && filter.until !== undefined && filter.until <= filter.since) {
    throw problem('invalid-request', `until must be later than since; got ${until} and ${since}.`);
  }
  return filter;
}

function timeOf(field: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const time = parseTimestamp(value);
  if (!Number.isNaN(time)) return time;
  throw problem(
    'invalid-request',
    `${field} must be a time such as 2026-03-01T12:00:00Z or Unix seconds; got ${JSON.stringify(value)}.`,
  );
}
