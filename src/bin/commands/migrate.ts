import { readConfig } from '../../core/config.ts';
import { makePrivateFiles } from '../../core/private-files.ts';
import { createStore } from '../../store/create-store.ts';
import { takeNothing } from './command.ts';

/**
 * Creates the database that the settings name, or brings its tables up to date. Every process does so at its start; by itself it
 * is for a step before a roll-out.
 * @throws Error or problem with one sentence that says what is wrong
 */
export async function migrate(args: readonly string[]): Promise<void> {
  takeNothing('migrate', args);
  const config = readConfig();
  makePrivateFiles(config.dataDir);
  const store = await createStore(config.databaseUrl);
  await store.close();
  console.log('The tables of the database are up to date.');
}
