import type { Secrets } from '../../core/secrets.ts';
import type { Erasure } from '../../store/data/contract.ts';
import type { Store } from '../../store/store.ts';
import type { Blobs } from '../deps.ts';
import { eraseFromTeachers, type TeachersErased } from './erase-from-teachers.ts';

interface Places {
  store: Pick<Store, 'deletions' | 'users' | 'externalTeachers'>;
  artifacts: Pick<Blobs, 'get' | 'put' | 'remove'>;
  secrets: Pick<Secrets, 'pseudonym'>;
}

/** Receipt of an erasure, with the places that were reached and those that nobody here can rewrite. */
export interface Erased extends Erasure {
  teachers: string[];
  remains: string[];
}

/** Erases a person, and those who have become this one. @returns null where nothing is known of them anywhere */
export async function eraseUser(
  { store, artifacts, secrets }: Places,
  userId: string,
): Promise<Erased | null> {
  // What came under their former ids after the merge is theirs too.
  const former = await store.users.mergedInto(userId);
  const found = await eraseFromTeachers({ teachers: store.externalTeachers, artifacts }, [userId, ...former]);
  const erasure = await store.deletions.user(userId, former, {
    pseudonym: secrets.pseudonym,
    isKnown: found.rewritten.length + found.tooLong.length > 0,
  });
  return erasure && { ...erasure, teachers: found.rewritten, remains: remainsOf(erasure, found) };
}

function remainsOf({ waitingImports }: Erasure, { tooLong }: TeachersErased): string[] {
  return [
    ...tooLong.map(
      (name) =>
        `The imported teacher ${name} has a list of the user and too many scores to be written anew here: import it again without the user, or delete it.`,
    ),
    ...(waitingImports.length > 0
      ? [
          `${waitingImports.join(', ')} had not ended: what their files hold of the user is erased when it has been stored, and uploads are removed with the job.`,
        ]
      : []),
    'Versions of models that were trained before have learned from what is erased; they hold no ids of users. The next training knows nothing of it.',
    'Lists that can be continued name the user for up to 15 minutes.',
    'Files outside this service: backups and exports of before, and what imports read from addresses or IMPORT_DIR, Parquet files among them.',
  ];
}
