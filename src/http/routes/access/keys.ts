import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { parseTimestamp } from '../../../domain/base/timestamp.ts';
import { KeyView, MadeKey, NewKey, RotateKey } from '../../../domain/keys/key.ts';
import { KEY_EXAMPLE, mintKey } from '../../../domain/keys/key-text.ts';
import type { StoredKey } from '../../../store/keys/contract.ts';
import { isExpired } from '../../access/key-ring.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { viewKey, viewSettingKey } from '../../key-views.ts';

const MAX_KEYS = 1000;
const DEFAULT_OVERLAP_SECONDS = 3600;

const KEY = {
  id: '5f1c0e9a7b3d2468',
  name: 'web shop',
  scopes: ['recommend'] as ['recommend'],
  origins: ['https://shop.example'],
  source: 'made' as const,
  createdAt: '2026-03-01T12:00:00.000Z',
  createdBy: '9f86d081884c',
  expiresAt: '2036-01-01T00:00:00.000Z',
  rotatedAt: null,
  formerUntil: null,
  lastUsedAt: '2026-03-01T12:30:00.000Z',
};
const MADE = { ...KEY, lastUsedAt: null, key: KEY_EXAMPLE };
const KeyParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'The id of the key.', examples: [KEY.id] }),
});
const problems = {
  'not-found': 'There is no key "5f1c0e9a7b3d2468".',
  conflict: 'The key "9f86d081884c" comes from the setting API_KEYS; change it there.',
};
const NO_STORE = ['Cache-Control'] as const;

const listKeys = {
  operationId: 'listKeys',
  tags: ['operations'],
  summary: 'List API keys',
  description:
    'Those of POST /keys, the oldest first, then those of the setting API_KEYS. None with its secret.',
  response: {
    200: json('The keys.', Type.Object({ data: Type.Array(KeyView) }), { 'one key': { data: [KEY] } }),
  },
  problems: {},
};

const makeKey = {
  operationId: 'makeKey',
  tags: ['operations'],
  summary: 'Make an API key',
  description:
    'The answer shows the key this once: of its secret, 256 random bits, a hash is stored. It holds at once here, and within two seconds in every other api process.',
  body: NewKey,
  examples: {
    'for a browser': { name: 'web shop', scopes: ['recommend'], origins: ['https://shop.example'] },
    'for a feed of events': { name: 'event feed', scopes: ['events'], expiresAt: '2036-01-01T00:00:00Z' },
  },
  response: {
    201: json('The key; nothing shows it again.', MadeKey, { 'for a browser': MADE }, [
      'Location',
      ...NO_STORE,
    ]),
  },
  problems: {
    'invalid-request': 'expiresAt must be a time that is still to come, such as 2036-01-01T00:00:00Z.',
    conflict: 'There are 1000 keys already; delete those that nobody uses.',
  },
};

const rotateKey = {
  operationId: 'rotateKey',
  tags: ['operations'],
  summary: 'Give an API key a new secret',
  description:
    'Id, name and scopes stay. The secret before is taken for overlapSeconds more, in which its holders change over; one from an earlier rotation ends now.',
  params: KeyParams,
  body: RotateKey,
  examples: {
    'with an hour to change over': { overlapSeconds: 3600 },
    'a secret that leaked': { overlapSeconds: 0 },
  },
  response: {
    200: json(
      'The key with its new secret; nothing shows it again.',
      MadeKey,
      {
        rotated: {
          ...MADE,
          rotatedAt: '2026-04-01T12:00:00.000Z',
          formerUntil: '2026-04-01T13:00:00.000Z',
        },
      },
      NO_STORE,
    ),
  },
  problems: {
    ...problems,
    'invalid-request': 'overlapSeconds must be a whole number from 0 to 2592000; got -1.',
  },
};

const deleteKey = {
  operationId: 'deleteKey',
  tags: ['operations'],
  summary: 'Delete an API key',
  description:
    'It is refused at once here, and within two seconds by every other api process. Its name stays in the audit.',
  params: KeyParams,
  response: { 204: noContent('Gone.') },
  problems,
};

export function keyRoutes({ store: { keys }, apiKeys, now }: Pick<AppDeps, 'store' | 'apiKeys' | 'now'>) {
  const refuseSetting = (id: string) => {
    if (apiKeys.some((key) => key.id === id))
      throw problem(
        'conflict',
        `The key ${JSON.stringify(id)} comes from the setting API_KEYS; change it there.`,
      );
  };
  return async (app: App): Promise<void> => {
    app.get('/keys', {
      config: { scope: 'admin' },
      schema: listKeys,
      handler: async () => ({ data: [...(await keys.list()).map(viewKey), ...apiKeys.map(viewSettingKey)] }),
    });

    app.post('/keys', {
      config: { scope: 'admin' },
      schema: makeKey,
      handler: async (request, reply) => {
        const { key, text } = newKey(request.body, now(), request.keyId ?? null);
        await keys.add(key, MAX_KEYS);
        reply.code(201).header('location', `/keys/${key.id}`).header('cache-control', 'no-store');
        return made(key, text, apiKeys.length > 0);
      },
    });

    app.post('/keys/:id/rotate', {
      config: { scope: 'admin' },
      schema: rotateKey,
      // Nothing in it must be said.
      preValidation: async (request) => {
        request.body ??= {};
      },
      handler: async (request, reply) => {
        const { id } = request.params;
        refuseSetting(id);
        const { overlapSeconds = DEFAULT_OVERLAP_SECONDS, expiresAt } = request.body;
        const at = now();
        const before = (await keys.list()).find((one) => one.id === id);
        if (before && expiresAt === undefined && isExpired(before, at))
          throw problem('conflict', `The key ${id} has expired: a new secret of it needs expiresAt.`);
        const { hash, text } = mintKey(id);
        const key = await keys.rotate(id, {
          ...{ hash, at },
          formerUntil: overlapSeconds === 0 ? null : at + overlapSeconds * 1000,
          expiresAt: expiresAt === undefined ? undefined : timeToCome(expiresAt, at),
        });
        if (!key) throw noSuchKey(id);
        reply.header('cache-control', 'no-store');
        return made(key, text, apiKeys.length > 0);
      },
    });

    app.delete('/keys/:id', {
      config: { scope: 'admin' },
      schema: deleteKey,
      handler: async (request, reply) => {
        const { id } = request.params;
        refuseSetting(id);
        if (!(await keys.remove(id))) throw noSuchKey(id);
        return reply.code(204).send(null);
      },
    });
  };
}

const noSuchKey = (id: string) => problem('not-found', `There is no key ${JSON.stringify(id)}.`);

/** @throws problem('invalid-request') for what a schema cannot say */
function newKey(
  { name, scopes, origins = [], expiresAt }: NewKey,
  now: number,
  createdBy: string | null,
): { key: StoredKey; text: string } {
  if (name.trim() === '')
    throw problem('invalid-request', 'name is blank; say who holds the key, such as "web shop".');
  const { id, hash, text } = mintKey();
  const key: StoredKey = {
    ...{ id, name: name.trim(), scopes, hash, createdBy },
    origins: [...new Set(origins.map(originOf))],
    createdAt: now,
    expiresAt: expiresAt === undefined ? null : timeToCome(expiresAt, now),
    ...{ rotatedAt: null, former: null, lastUsedAt: null },
  };
  return { key, text };
}

/** As browsers send it: in lower case, without the port that goes without saying. */
function originOf(text: string, index: number): string {
  if (URL.canParse(text) && new URL(text).pathname === '/') return new URL(text).origin;
  throw problem(
    'invalid-request',
    `origins[${index}] must be an origin such as https://shop.example, without a path.`,
  );
}

function timeToCome(value: string | number, now: number): number {
  const time = parseTimestamp(value);
  if (time > now) return time;
  throw problem(
    'invalid-request',
    'expiresAt must be a time that is still to come, such as 2036-01-01T00:00:00Z.',
  );
}

function made(key: StoredKey, text: string, keysAreAsked: boolean): MadeKey {
  const warnings = keysAreAsked
    ? []
    : ['API_KEYS is empty, so that this api asks nobody for a key; set a first one there, and keys count.'];
  return { ...viewKey(key), key: text, ...(warnings.length > 0 && { warnings }) };
}
