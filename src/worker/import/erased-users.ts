import type { Secrets } from '../../core/secrets.ts';
import type { DeletionStore } from '../../store/data/contract.ts';

/** Those who were erased after an import was asked for: its file may speak of them, and must not bring them back. */
export interface ErasedUsers {
  /** Erases those of the users who were erased before; called when rows of theirs have been stored. */
  eraseAgain(userIds: readonly string[]): Promise<void>;
  /** The users who were not erased. */
  without(userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** @param since when the import was asked for, in milliseconds */
export function createErasedUsers(
  deletions: Pick<DeletionStore, 'erasedSince' | 'user'>,
  { pseudonym }: Pick<Secrets, 'pseudonym'>,
  since: number,
): ErasedUsers {
  async function erasedAmong(userIds: readonly string[]): Promise<string[]> {
    // Asked each time: somebody may be erased while the import runs. Nearly always there is nobody.
    const erased = new Set(await deletions.erasedSince(since));
    return erased.size === 0 ? [] : [...new Set(userIds)].filter((id) => erased.has(pseudonym(id)));
  }
  return {
    async eraseAgain(userIds) {
      for (const id of await erasedAmong(userIds)) await deletions.user(id);
    },
    async without(userIds) {
      const gone = new Set(await erasedAmong(userIds));
      return new Set(userIds.filter((id) => !gone.has(id)));
    },
  };
}
