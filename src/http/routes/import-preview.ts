import { Readable } from 'node:stream';
import { problem } from '../../core/errors.ts';
import { ImportQuery } from '../../domain/data/import.ts';
import type { ImportKind } from '../../domain/data/import-kind.ts';
import { ImportPreview } from '../../domain/data/import-preview.ts';
import { installedFrom } from '../../domain/data/installed.ts';
import { withScalesOf } from '../../domain/data/reading/preset-scales.ts';
import type { ReadingNotes } from '../../domain/data/reading/reading.ts';
import { unknownTypeInFile } from '../../domain/data/unknown-type.ts';
import { looksLikeParquet } from '../../ingest/parquet.ts';
import { parseInteraction, parseItem, parseScore, parseUser } from '../../ingest/rows.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { shapeOf, specOf } from '../jobs/import-shape.ts';
import { fileOfBody } from '../rows/form-file.ts';

const LOOKED_AT = 1024 * 1024;
const MAX_PARQUET = 64 * LOOKED_AT;
const CSV = 'visitor,sku,stars\nann,film-7,5\n';
const BYTES = { type: 'string', format: 'binary' };

const previewImport = {
  operationId: 'previewImport',
  tags: ['data'],
  summary: 'See what an import would make of a file',
  description:
    'Takes the query of POST /imports and the file, of which the first megabyte is read (of Parquet all, up to 64), and answers at once: what each column becomes, the first twenty rows as they would be stored, and what is wrong, with the option that mends it. Nothing is stored.',
  querystring: ImportQuery,
  response: {
    200: json('As it would be read.', ImportPreview, {
      'a column to be named': {
        format: 'csv',
        reading: { encoding: 'utf-8' },
        columns: [{ column: 'visitor', field: null, examples: ['ann'] }],
        rows: [],
        accepted: 0,
        rejected: 0,
        problems: [
          {
            detail: 'The columns look like columns=userId:visitor,itemId:sku,rating:stars',
            line: null,
            option: 'columns',
          },
        ],
        isWhole: true,
      },
    }),
  },
  problems: {
    'invalid-request': 'The body is empty; send the file, or its first megabyte.',
    'payload-too-large':
      'A preview reads Parquet whole, as its columns are named at its end, and at most 67108864 bytes of it; this file has 80000000. POST /imports with dryRun=true reads it and stores nothing.',
  },
};

export function importPreviewRoutes({ store, now }: Pick<AppDeps, 'store' | 'now'>) {
  return async (app: App): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.post('/imports/preview', {
      config: {
        scope: 'write',
        rawBody: true,
        documentedBody: { 'text/csv': { schema: BYTES, examples: { 'columns with other names': CSV } } },
      },
      schema: previewImport,
      handler: async (request) => {
        const { query } = request;
        if (query.url !== undefined || query.path !== undefined) {
          throw problem('invalid-request', 'A preview reads the body; send the first megabyte of the file.');
        }
        const spec = specOf({ ...query, shape: await shapeOf(query) });
        const body = await fileOfBody(request.body as Readable | undefined, request.headers);
        const { bytes, isWhole } = await beginningOf(body);
        if (bytes.length === 0) {
          throw problem('invalid-request', 'The body is empty; send the file, or its first megabyte.');
        }
        const declared = await store.eventTypes.list();
        let notes: ReadingNotes = {};
        const isDeclared = (type: string) => declared.some((event) => event.type === type);
        const installed = withScalesOf(installedFrom(declared), isDeclared, () => notes.preset);
        const parsers = {
          interactions: (raw: unknown, made: ReadingNotes) => {
            notes = made;
            return parseInteraction(raw, now(), { installed });
          },
          items: parseItem,
          users: parseUser,
          teacher: parseScore,
        } satisfies Record<ImportKind, unknown>;
        // The readers are not needed by an api process until somebody asks.
        const { previewOf } = await import('../../ingest/preview.ts');
        return previewOf(bytes, isWhole, spec, parsers[query.kind], (row) => {
          const type = 'type' in row ? String(row.type) : undefined;
          return type !== undefined && installed(type) === null ? unknownTypeInFile(type) : null;
        });
      },
    });
  };
}

/** The first megabyte, or all of Parquet; the rest is read and dropped, so that the client gets to hear the answer. */
async function beginningOf(body: Readable | undefined): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const { isParquet, rest } = await looksLikeParquet(body ?? Readable.from([]));
  const limit = isParquet ? MAX_PARQUET : LOOKED_AT;
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWhole = true;
  for await (const chunk of rest) {
    if (length < limit) chunks.push(chunk);
    else isWhole = false;
    length += chunk.length;
  }
  if (isParquet && !isWhole) {
    throw problem(
      'payload-too-large',
      `A preview reads Parquet whole, as its columns are named at its end, and at most ${MAX_PARQUET} bytes of it; this file has ${length}. POST /imports with dryRun=true reads it and stores nothing.`,
    );
  }
  return { bytes: Buffer.concat(chunks), isWhole };
}
