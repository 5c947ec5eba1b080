import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startTestPostgres } from '../test/helpers/postgres.ts';
import { runSurvival, type Survival, type Victim } from './ingest/survival.ts';

/**
 * Kills the api, the worker or PostgreSQL while events are posted and a file is imported, and looks whether what was
 * acknowledged is there, once each.
 *   npm run bench:ingest-kills -- --engine sqlite --api 100 --worker 3
 *   npm run bench:ingest-kills -- --engine postgres --api 5 --database 10
 */
const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    api: { type: 'string', default: '100' },
    worker: { type: 'string', default: '2' },
    database: { type: 'string', default: '0' },
    /** Mean pause between two kills, in milliseconds. */
    pause: { type: 'string', default: '1200' },
    /** Rows of the file that is imported meanwhile. */
    rows: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-kills-'));
const isPostgres = options.engine === 'postgres';
const postgres = isPostgres ? await startTestPostgres({ durable: true }) : undefined;
try {
  const result = await runSurvival({
    folder,
    databaseUrl: (await postgres?.createDatabase()) ?? `sqlite:${path.join(folder, 'stillhouse.db')}`,
    strikes: spread({
      api: Number(options.api),
      worker: Number(options.worker),
      database: Number(options.database),
    }),
    ...(postgres && {
      strikeDatabase: async () => {
        await postgres.kill();
        await postgres.start();
      },
    }),
    meanPauseMs: Number(options.pause),
    importRows: Number(options.rows),
    seed: Number(options.seed),
    log: (line) => console.error(line),
  });
  const { story, ...figures } = result;
  console.log(options.json ? JSON.stringify(figures) : table(result));
  if (result.faults.length > 0) {
    process.exitCode = 1;
    console.error(`${[...result.faults.slice(0, 20), result.faults.length].join('\n')}\n${story}`);
  }
  if (!options.dry)
    writeFileSync(path.resolve(`bench/results/ingest-kills-${options.engine}.md`), page(result));
} finally {
  await postgres?.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Each kind evenly over the whole run. */
function spread(counts: Record<Victim, number>): Victim[] {
  const all = Object.entries(counts).flatMap(([victim, count]) =>
    Array.from({ length: count }, (_, i) => ({ victim: victim as Victim, at: (i + 0.5) / count })),
  );
  return all.sort((a, b) => a.at - b.at).map(({ victim }) => victim);
}

function table({ kills, acknowledged, imported, stored, unanswered, faults, seconds }: Survival): string {
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none';
  const rows = [
    ['kill -9', counts(kills)],
    ['seconds', seconds.toFixed(0)],
    ['events acknowledged', String(acknowledged)],
    ['rows imported beside', String(imported)],
    ['rows in the database', String(stored)],
    ['posts that had to be sent again', counts(unanswered)],
    ['acknowledged and missing, there twice, or sent by nobody', String(faults.length)],
  ];
  return ['| what | |', '|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

function page(result: Survival): string {
  const command = [
    'npm run bench:ingest-kills',
    ...(process.argv.length > 2 ? ['--'] : []),
    ...process.argv.slice(2),
  ];
  const when = new Date().toISOString().slice(0, 10);
  return `# Killed while data comes in\n\n\`${command.join(' ')}\`, ${when}, Node ${process.version}. Every post is sent again until it is acknowledged.\n\n${table(result)}\n`;
}
