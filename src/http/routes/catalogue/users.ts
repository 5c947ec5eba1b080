import { problem } from '../../../core/errors.ts';
import { PageQuery } from '../../../domain/base/page.ts';
import { type StoredUser, User } from '../../../domain/data/catalogue.ts';
import { parseUser } from '../../../ingest/rows.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { RECEIPT } from '../../docs/examples.ts';
import { eraseUser } from '../../erasure/erase-user.ts';
import { checkedId, UserParams } from '../../path-id.ts';
import { ErasureView, UserView, viewErasure, viewUser } from '../../views.ts';
import { entityRoutes } from './entities.ts';

const ERASURE = {
  ...RECEIPT,
  ...{ rejects: 1, logLines: 0, teachers: ['night-model'], waitingImports: [] },
  remains: ['Lists that can be continued name the user for up to 15 minutes.'],
};
const USER = { userId: 'user-42', features: { age: 24 } };

const deleteUser = {
  operationId: 'deleteUser',
  tags: ['data'],
  summary: 'Erase a user',
  description:
    'Interactions, features, bad lines of imports, lists of imported teachers and the id in logs of jobs are gone when the answer comes: recommendations, lists and exports know nothing of the user any more, nor does the next trained model. Users who were merged into this one are erased too, with what came later under their ids, and the receipt counts it all. An id that has become another one’s is answered 404 with the name of that one, unless more came under it since: then that alone is erased. What stays is the receipt, which says when, and not who; remains lists what this service cannot rewrite.',
  params: UserParams,
  response: { 200: json('Erased.', ErasureView, { 'a receipt': ERASURE }) },
  problems: { 'not-found': 'Nothing is known of user "user-42".' },
};

export function userRoutes({ store, artifacts, secrets }: Pick<AppDeps, 'store' | 'artifacts' | 'secrets'>) {
  const { catalogue, users } = store;
  return async (app: App): Promise<void> => {
    entityRoutes<StoredUser, typeof PageQuery>(app, {
      name: 'user',
      schemaName: 'User',
      idField: 'userId',
      schema: User,
      stored: UserView,
      params: UserParams,
      query: PageQuery,
      example: { sent: USER, stored: USER },
      isPersonal: true,
      notes: {
        get: 'Only users sent to POST /users or imported are found here; interactions alone make no such record.',
        list: 'Only users with a record of their own are listed.',
      },
      parse: parseUser,
      view: viewUser,
      put: catalogue.putUsers,
      get: catalogue.getUser,
      change: catalogue.changeUser,
      list: ({ limit = 50, cursor }) => catalogue.listUsers(limit, cursor),
    });

    app.delete('/users/:userId', {
      config: { scope: 'write' },
      schema: deleteUser,
      handler: async (request) => {
        const userId = checkedId('userId', request.params.userId);
        const erased = await eraseUser({ store, artifacts, secrets }, userId);
        if (!erased) throw problem('not-found', whyNobody(userId, await users.becameOf(userId)));
        return viewErasure(erased);
      },
    });
  };
}

function whyNobody(userId: string, became: string | null): string {
  const id = JSON.stringify(userId);
  if (became === null) return `Nothing is known of user ${id}.`;
  return `User ${id} has become ${JSON.stringify(became)}; erase that user, and all of both is gone.`;
}
