import type { StoredUser } from '../../domain/data/catalogue.ts';
import type { Bag } from '../../features/encoding.ts';
import type { LiveModel } from '../models/live-model.ts';

/** The features of a user as a model reads them; null where it reads none, or knows none of the user's. */
export interface Traits {
  /** @param given with the request, in place of what is stored under the same names */
  of(
    model: LiveModel,
    userId: string | null,
    given?: Readonly<Record<string, unknown>>,
  ): Bag | null | Promise<Bag | null>;
}

export function createTraits(catalogue: { getUser(userId: string): Promise<StoredUser | null> }): Traits {
  return {
    of({ encodeUser }, userId, given) {
      if (!encodeUser) return null;
      const bagOf = (features: Readonly<Record<string, unknown>>) => {
        const bag = encodeUser({ features });
        return bag.columns.length > 0 ? bag : null;
      };
      if (userId === null) return bagOf(given ?? {});
      return catalogue.getUser(userId).then((user) => bagOf({ ...user?.features, ...given }));
    },
  };
}
