import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { VersionParams } from '../../path-id.ts';
import { openFiles } from '../../served-file.ts';

const FileParams = Type.Object({
  ...VersionParams.properties,
  file: Type.String({
    minLength: 1,
    maxLength: 128,
    description: 'A file that manifest.json lists, or manifest.json itself.',
    examples: ['weights.safetensors'],
  }),
});

const FileHeaders = Type.Object({
  range: Type.Optional(
    Type.String({
      description: 'One range of bytes; what is none is answered with the whole file.',
      examples: ['bytes=0-99'],
    }),
  ),
  'if-none-match': Type.Optional(
    Type.String({ description: 'The ETag of the file that you have.', examples: ['"9f86d081884c7d65"'] }),
  ),
});
const HEADERS = ['ETag', 'Accept-Ranges', 'Cache-Control'] as const;
const FILE = {
  'application/octet-stream': {
    schema: { type: 'string', format: 'binary' },
    examples: { 'the bytes': '<bytes>' },
  },
  'application/json': {
    schema: { type: 'object', additionalProperties: true },
    examples: { 'a manifest': { files: {} } },
  },
};

const getFile = {
  operationId: 'getModelFile',
  tags: ['models'],
  summary: 'Download a file of a version',
  description:
    'The file manifest.json and those that it lists. A file that is not what was written is refused. The ETag is the SHA-256; Range: bytes=from-to answers 206 with that part.',
  params: FileParams,
  headers: FileHeaders,
  response: {
    200: { description: 'The file; those that end in .json as JSON.', headers: HEADERS, content: FILE },
    206: {
      description: 'The part that Range asked for.',
      headers: [...HEADERS, 'Content-Range'],
      content: FILE,
    },
    304: { description: 'If-None-Match names the file as it is.', headers: HEADERS },
  },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': 'Version 4 has no file "weights.bin"; it has manifest.json, weights.safetensors.',
    conflict:
      "Version 4 of movies is damaged: weights.safetensors is damaged: its sha256 is not the manifest's.",
    'range-not-satisfiable': 'The file has 400 bytes; Range asks for more.',
  },
};

export function modelFileRoutes({ store, artifacts }: Pick<AppDeps, 'store' | 'artifacts'>) {
  const openFile = openFiles(artifacts);
  return async (app: App): Promise<void> => {
    app.get('/models/:name/versions/:version/files/:file', {
      config: { scope: 'read' },
      schema: getFile,
      handler: async (request, reply) => {
        const { name, version, file } = request.params;
        const registered = await store.models.get(name, version);
        if (!registered) {
          throw problem('not-found', `The model ${JSON.stringify(name)} has no version ${version}.`);
        }
        const stored = await openFile(registered, file);
        const etag = `"${stored.sha256}"`;
        const isKnown = request.headers['if-none-match']?.includes(etag) ?? false;
        const range = isKnown ? null : parseRange(request.headers.range, stored.bytes);
        const bytes =
          isKnown || request.method === 'HEAD' ? Readable.from([]) : await stored.open(range ?? undefined);
        reply.header('etag', etag).header('accept-ranges', 'bytes');
        reply.header('cache-control', 'private, max-age=31536000, immutable');
        if (isKnown) return reply.code(304).send(null as never);
        const { start, end } = range ?? { start: 0, end: stored.bytes - 1 };
        if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${stored.bytes}`);
        return reply
          .type(file.endsWith('.json') ? 'application/json' : 'application/octet-stream')
          .header('content-length', end - start + 1)
          .send(bytes as never);
      },
    });
  };
}

/** One range; what is none, or several, is answered with the whole file, as RFC 9110 allows. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const from = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const to = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (from >= size || from > to) {
    throw problem('range-not-satisfiable', `The file has ${size} bytes; Range asks for ${header}.`);
  }
  return { start: from, end: to };
}
