import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runSurvival, type SurvivalOptions } from '../../bench/ingest/survival.ts';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { startTestPostgres } from '../helpers/postgres.ts';

/** The short form of npm run bench:ingest-kills. */
async function shortForm(
  options: Pick<SurvivalOptions, 'strikes' | 'importRows'> & Partial<SurvivalOptions>,
) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-kills-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const databaseUrl = `sqlite:${path.join(folder, 'stillhouse.db')}`;
  const result = await runSurvival({
    folder,
    databaseUrl,
    meanPauseMs: 700,
    seed: 3,
    // Nothing is trained here: the worker's look at its trainers need not load TensorFlow.
    tensorBackend: 'cpu',
    lostWorkerSeconds: 2,
    log: () => {},
    ...options,
  });
  if (result.faults.length > 0) console.error(result.faults.length, { ...result, faults: [] });
  expect(result.faults.slice(0, 5)).toEqual([]);
  expect(result.acknowledged).toBeGreaterThan(0);
  expect(result.unanswered).not.toHaveProperty('503 without Retry-After');
  return result;
}

describe('every acknowledged event is there once, and an import ends with every row', () => {
  it('when api and worker are killed, on SQLite', async () => {
    const strikes = ['api', 'worker', 'api'] as const;
    const result = await shortForm({ strikes, importRows: 200_000 });
    expect(result).toMatchObject({ kills: { api: 2, worker: 1 }, imported: 200_000 });
    expect(result.unanswered['no answer']).toBeGreaterThan(0);
  });

  it.runIf(findPostgres())(
    'when the server and the api are killed, on PostgreSQL',
    async () => {
      const server = await startTestPostgres({ durable: true });
      onTestFinished(() => server.close());
      const result = await shortForm({
        databaseUrl: await server.createDatabase(),
        strikeDatabase: async () => {
          await server.kill();
          await server.start();
        },
        strikes: ['database', 'api', 'database'],
        importRows: 40_000,
      });
      expect(result).toMatchObject({ kills: { api: 1, database: 2 }, imported: 40_000 });
    },
    180_000,
  );
  if (!findPostgres()) it.skip('on PostgreSQL: NOT RUN, there is no server of version 14 or newer here');
});
