import { type Static, Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { Id } from '../../../domain/base/id.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { checkedId, UserParams } from '../../path-id.ts';

const Into = Type.Object(
  { into: { ...Id, description: 'The user that remains; one who is not known yet comes to be.' } },
  { additionalProperties: false },
);

const Merged = Type.Object({
  userId: Type.String({ description: 'The user who is gone.' }),
  into: Type.String({ description: 'The user that remains.' }),
  merged: Type.Boolean({ description: 'False where this was done before, and there was nothing to do.' }),
  interactions: Type.Integer({ description: 'How many were moved.' }),
  duplicates: Type.Integer({
    description: 'Events that both had; of each the one that was stored later is kept.',
  }),
  at: Type.String({ format: 'date-time', description: 'When they were merged.' }),
});

const EXAMPLE: Static<typeof Merged> = {
  userId: 'guest-7',
  into: 'user-42',
  merged: true,
  interactions: 12,
  duplicates: 1,
  at: '2026-03-01T12:00:00.000Z',
};

const mergeUser = {
  operationId: 'mergeUser',
  tags: ['data'],
  summary: 'Make a user part of another one',
  description:
    'A guest becomes a user: all interactions move in one transaction, and the next answers know them. An event that both have is kept once. Features of the guest fill in what the user’s do not say. The guest is gone then; asked again, the answer says that it was done before. What comes later under the guest’s id is a new guest’s, until it is merged again; nobody can be merged into it. Those who were merged into the guest before become the user too. Erasing the user erases all of it.',
  params: UserParams,
  body: Into,
  examples: { 'a guest has logged in': { into: 'user-42' } },
  response: { 200: json('Merged.', Merged, { 'a guest': EXAMPLE }) },
  problems: {
    'invalid-request': 'into is the user in the path; name another one.',
    'invalid-id': 'into contains a NUL character; remove it.',
    'not-found': 'Nothing is known of user "guest-7".',
    conflict: 'User "guest-7" has become "user-41" before, and nothing was stored under that id since.',
  },
};

export function mergeRoutes({ store: { users } }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.post('/users/:userId/merge', {
      config: { scope: 'write' },
      schema: mergeUser,
      handler: async (request) => {
        const userId = checkedId('userId', request.params.userId);
        const into = checkedId('into', request.body.into);
        if (userId === into)
          throw problem('invalid-request', 'into is the user in the path; name another one.');
        const merge = await users.merge(userId, into);
        if (!merge) throw problem('not-found', `Nothing is known of user ${JSON.stringify(userId)}.`);
        if ('became' in merge) {
          const [gone, there] = [into, merge.became].map((id) => JSON.stringify(id));
          const advice = merge.became === userId ? 'there is nothing to merge' : `send "into": ${there}`;
          throw problem('conflict', `User ${gone} has become ${there} before; ${advice}.`);
        }
        if (merge.into !== into) {
          throw problem(
            'conflict',
            `User ${JSON.stringify(userId)} has become ${JSON.stringify(merge.into)} before, and nothing was stored under that id since.`,
          );
        }
        const { interactions, duplicates, isNew, at } = merge;
        return {
          userId,
          into,
          merged: isNew,
          interactions,
          duplicates,
          at: new Date(at).toISOString(),
        };
      },
    });
  };
}
