import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startTestPostgres } from '../test/helpers/postgres.ts';
import { runReleaseKills } from './chaos/release-kills.ts';

/**
 * kill -9 of a process that publishes, promotes, rolls back, deletes and collects versions.
 *   npm run bench:release-kills -- --kills 100 --engine sqlite
 */
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'sqlite' },
  },
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-releases-'));
const postgres = options.engine === 'postgres' ? await startTestPostgres({ durable: true }) : undefined;
try {
  const databaseUrl = (await postgres?.createDatabase()) ?? `sqlite:${path.join(folder, 'stillhouse.db')}`;
  const result = await runReleaseKills({
    folder,
    databaseUrl,
    kills: Number(options.kills),
    seed: Number(options.seed),
    log: (line) => console.error(line),
  });
  console.log(JSON.stringify({ engine: options.engine, ...result }));
  if (result.faults.length > 0) process.exitCode = 1;
} finally {
  await postgres?.close();
  rmSync(folder, { recursive: true, force: true });
}
