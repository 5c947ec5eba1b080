import { createArtifactStore } from '../../artifact/store/create-store.ts';
import { checkedVersions } from '../../backup/sound-files.ts';
import { readConfig } from '../../core/config.ts';
import { takeNothing } from './command.ts';
import { openInstallation } from './installation.ts';

/**
 * Looks through the database, and hashes every file of every stored version; api and workers may run.
 * @throws Error with one sentence that says how much is wrong, after a line about each fault
 */
export async function verify(args: readonly string[]): Promise<void> {
  takeNothing('verify', args);
  const config = readConfig();
  const artifacts = createArtifactStore(config);
  const store = await openInstallation(config);
  const faults: string[] = [];
  const find = (fault: string) => {
    faults.push(fault);
    console.log(fault);
  };
  try {
    for (const fault of await store.faults()) find(`The database is damaged: ${fault}`);
    let sound = 0;
    await store.backup.read(async (rows) => {
      for await (const { model, version, damage } of checkedVersions(rows, artifacts)) {
        if (damage === null) sound++;
        else find(`Version ${version} of ${model} is damaged: ${damage}`);
      }
    });
    if (faults.length === 0) return console.log(`All is sound: the database, and ${sound} stored versions.`);
  } finally {
    await store.close();
  }
  throw new Error(`${faults.length} ${faults.length === 1 ? 'fault was' : 'faults were'} found.`);
}
