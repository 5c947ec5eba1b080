import type { Static } from 'typebox';
import { Type } from 'typebox';
import type { Deletion } from '../store/data/contract.ts';

export {
  InteractionView,
  ItemView,
  UserView,
  viewInteraction,
  viewItem,
  viewUser,
} from '../domain/data/row-views.ts';

export const AliasView = Type.Object({
  model: Type.String({ examples: ['movies'] }),
  alias: Type.String({ examples: ['stable'] }),
  version: Type.Integer({ description: 'The version that the alias points at.', examples: [3] }),
  updatedAt: Type.String({ format: 'date-time' }),
});

export const DeletionView = Type.Object({
  id: Type.String({ description: 'Keep it with your own record of the request.' }),
  at: Type.String({ format: 'date-time' }),
  what: Type.String({
    description: 'Never of whom: nothing of a deleted person is kept.',
    examples: ['user', 'interactions by itemId and type'],
  }),
  interactions: Type.Integer({ description: 'How many were deleted.' }),
});

/** Receipt of the erasure of a person, with what was found beside interactions. */
export const ErasureView = Type.Object({
  ...DeletionView.properties,
  rejects: Type.Integer({ description: 'Bad lines of imports that were deleted.' }),
  logLines: Type.Integer({ description: 'Lines of logs of jobs that the id was taken out of.' }),
  teachers: Type.Array(Type.String(), {
    description: 'Imported teachers that were written anew without the lists of the user.',
  }),
  waitingImports: Type.Array(Type.String(), {
    description: 'Imports that had not ended; what they bring of the user is erased again.',
  }),
  remains: Type.Array(Type.String(), {
    description: 'What cannot be rewritten here, and what to do about it.',
  }),
});

export function viewErasure(
  erased: Deletion & Omit<Static<typeof ErasureView>, 'at'>,
): Static<typeof ErasureView> {
  return { ...erased, at: new Date(erased.at).toISOString() };
}

export function viewDeletion(deletion: Deletion): Static<typeof DeletionView> {
  return { ...deletion, at: new Date(deletion.at).toISOString() };
}

export const RejectedRow = Type.Object({
  index: Type.Integer({ description: 'Place in the request, from 0.' }),
  reason: Type.String(),
});
export type RejectedRow = Static<typeof RejectedRow>;

const Rejected = Type.Array(RejectedRow);

export const InteractionsResult = Type.Object({
  accepted: Type.Integer({ description: 'Stored now; on disk.' }),
  duplicates: Type.Integer({ description: 'Stored before.' }),
  rejected: Rejected,
  warnings: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Types that are stored and do not count until they are declared.',
    }),
  ),
});

export const UpsertResult = Type.Object({ accepted: Type.Integer(), rejected: Rejected });
