import { existsSync } from 'node:fs';
import type { Config } from '../../core/config.ts';
import { makePrivateFiles } from '../../core/private-files.ts';
import { createStore } from '../../store/create-store.ts';
import type { Store } from '../../store/store.ts';

/**
 * Opens the database of an installation that there is: a mistyped folder must not become an empty one.
 * @throws Error that names the file that is not there, problem('store-unavailable')
 */
export async function openInstallation({ databaseUrl, dataDir }: Config): Promise<Store> {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
  if (file !== undefined && !existsSync(file))
    throw new Error(`There is no installation: ${file} does not exist. Check DATA_DIR and DATABASE_URL.`);
  if (existsSync(dataDir)) makePrivateFiles(dataDir);
  return createStore(databaseUrl);
}
