import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { problems } from '../docs/documentation.ts';

const MANIFEST = 'manifest.json';

const FileParams = Type.Object({
  name: Type.String({ examples: ['movies'] }),
  version: Type.Integer({ minimum: 1, maximum: 2_147_483_647, examples: [4] }),
  file: Type.String({ minLength: 1, maxLength: 128, examples: ['weights.safetensors'] }),
});

const BINARY = { type: 'string', format: 'binary' };

const getFile = {
  operationId: 'getModelFile',
  tags: ['models'],
  summary: 'Download a file of a version',
  description:
    'manifest.json and the files it lists. The ETag is the SHA-256; Range: bytes=from-to answers 206 with that part.',
  params: FileParams,
  response: {
    200: {
      description: 'The file.',
      content: { 'application/octet-stream': { schema: BINARY, example: '<bytes>' } },
    },
    206: {
      description: 'The part that Range asked for.',
      content: { 'application/octet-stream': { schema: BINARY, example: '<bytes>' } },
    },
    304: Type.Null({ description: 'If-None-Match names the file as it is.' }),
  },
  problems: problems({
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': 'Version 4 has no file "weights.bin"; it has manifest.json, weights.safetensors.',
    'range-not-satisfiable': 'The file has 400 bytes; Range asks for more.',
    'store-unavailable': 'The artifact cannot be read; try again in a few seconds.',
  }),
};

export function modelFileRoutes({ store, artifacts }: Pick<AppDeps, 'store' | 'artifacts'>) {
  async function listed(artifact: string): Promise<string[]> {
    const manifest = JSON.parse((await artifacts.get(`${artifact}/${MANIFEST}`)).toString('utf8'));
    return [MANIFEST, ...Object.keys(manifest.files ?? {})];
  }

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
        const files = await listed(registered.artifact);
        if (!files.includes(file)) {
          throw problem(
            'not-found',
            `Version ${version} has no file ${JSON.stringify(file)}; it has ${files.join(', ')}.`,
          );
        }
        const bytes = await artifacts.get(`${registered.artifact}/${file}`);
        const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
        reply.header('etag', etag).header('accept-ranges', 'bytes');
        reply.header('cache-control', 'private, max-age=31536000, immutable');
        if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send(null as never);
        reply.type(file.endsWith('.json') ? 'application/json' : 'application/octet-stream');
        const range = parseRange(request.headers.range, bytes.length);
        if (!range) return reply.send(bytes as never);
        const [from, to] = range;
        reply.code(206).header('content-range', `bytes ${from}-${to}/${bytes.length}`);
        return reply.send(bytes.subarray(from, to + 1) as never);
      },
    });
  };
}

/** One range; what is none, or several, is answered with the whole file, as RFC 9110 allows. */
function parseRange(header: string | undefined, size: number): [from: number, to: number] | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const from = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const to = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (from >= size || from > to) {
    throw problem('range-not-satisfiable', `The file has ${size} bytes; Range asks for ${header}.`);
  }
  return [from, to];
}
