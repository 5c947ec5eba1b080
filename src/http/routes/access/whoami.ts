import { Type } from 'typebox';
import { SCOPES } from '../../../domain/keys/scope.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';

const Whoami = Type.Object({
  keysAreAsked: Type.Boolean({ description: 'False: API_KEYS is empty, and everybody may do everything.' }),
  key: Type.Union(
    [
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        scopes: Type.Array(Type.Enum([...SCOPES])),
      }),
      Type.Null(),
    ],
    { description: 'The key that the request was sent with; null where none is asked for.' },
  ),
});

/** Says what the key of a request may do, so that a page can show what its holder can use. */
export function whoamiRoute({ apiKeys }: Pick<AppDeps, 'apiKeys'>) {
  return async (app: App): Promise<void> => {
    app.get('/whoami', {
      config: { scope: 'any' },
      schema: {
        operationId: 'whoami',
        tags: ['operations'],
        summary: 'What your key may do',
        description:
          'Any key may ask; without a key, or with a wrong one, the answer is 401 where keys are asked for.',
        response: {
          200: json('The key and its scopes.', Whoami, {
            'with a key': {
              keysAreAsked: true,
              key: { id: '5f1c0e9a7b3d2468', name: 'web shop', scopes: ['recommend'] },
            },
            'without keys': { keysAreAsked: false, key: null },
          }),
        },
        problems: {},
      },
      handler: async ({ keyId, keyName, scopes }) => ({
        keysAreAsked: apiKeys.length > 0,
        key: keyId === undefined ? null : { id: keyId, name: keyName ?? '', scopes: [...(scopes ?? [])] },
      }),
    });
  };
}
