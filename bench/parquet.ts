import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Job } from '../src/domain/jobs/job.ts';
import { openDuck } from '../src/training/source/duck.ts';
import { startService } from '../test/helpers/service.ts';

/**
 * A training on made-up interactions in Parquet, of which the job takes a sample of the users and a core: time, and the trainer's
 * peak of memory.
 *   node bench/run.mjs parquet --rows 200000000 --users 0.02
 */
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000000' },
    items: { type: 'string', default: '50000' },
    /** Interactions of a user, on average. */
    each: { type: 'string', default: '80' },
    /** Share of the users that the job takes. */
    users: { type: 'string', default: '0.02' },
    memory: { type: 'string', default: '4096' },
    files: { type: 'string', default: '8' },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const ROWS = Number(options.rows);
const USERS = Math.round(ROWS / Number(options.each));
const ITEMS = Number(options.items);
const FILES = Number(options.files);
const GROUPS = 50;
const MIB = 2 ** 20;

const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-bench-parquet-'));
const load = os.loadavg()[0]!.toFixed(1);
const notes: [string, string][] = [];
const note = (what: string, value: string) => {
  notes.push([what, value]);
  console.log(`${what}: ${value}`);
};
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

try {
  const lake = path.join(folder, 'lake');
  mkdirSync(lake);
  await write(lake);
  await train();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Users of a group take most of their items from the group's part of the catalogue, popular ones more often. */
async function write(lake: string): Promise<void> {
  const work = path.join(folder, 'work');
  mkdirSync(work);
  const duck = await openDuck({ folder: work, memoryMiB: 1024, threads: 2 });
  const started = performance.now();
  const chance = (salt: number) => `((hash(r * 8 + ${salt}) % 1000003) / 1000003.0)`;
  let bytes = 0;
  for (let n = 0; n < FILES; n++) {
    const [from, to] = [n, n + 1].map((place) => Math.round((place * ROWS) / FILES));
    const file = path.join(lake, `${String(n).padStart(3, '0')}.parquet`);
    await duck.run(`COPY (
      SELECT 'user-' || u AS "userId", 'item-' || CASE WHEN ${chance(1)} < 0.8
          THEN (u % ${GROUPS}) * ${Math.floor(ITEMS / GROUPS)} + floor(pow(${chance(2)}, 2) * ${Math.floor(ITEMS / GROUPS)})::BIGINT
          ELSE floor(pow(${chance(3)}, 3) * ${ITEMS})::BIGINT END AS "itemId",
        'click' AS "type", make_timestamp((1700000000 + r // 8) * 1000000) AS "timestamp"
      FROM (SELECT range AS r, hash(range) % ${USERS} AS u FROM range(${from}, ${to}))
    ) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    bytes += statSync(file).size;
  }
  duck.close();
  note(
    'interactions in Parquet',
    `${ROWS.toLocaleString('en')} of ${USERS.toLocaleString('en')} users and ${ITEMS.toLocaleString('en')} items, ${(bytes / MIB).toFixed(0)} MiB in ${FILES} files`,
  );
  note('written by DuckDB', seconds(started));
}

async function train(): Promise<void> {
  const service = await startService({
    env: { IMPORT_DIR: folder, TRAINER_MEMORY_MIB: options.memory, LOG_LEVEL: 'info' },
  });
  try {
    const started = performance.now();
    const { body, status } = await service.send('POST', '/jobs', {
      model: 'lake',
      dataset: {
        source: { parquet: 'lake/*.parquet' },
        sample: { users: Number(options.users) },
        minInteractions: { perUser: 5, perItem: 5 },
      },
      teacher: { kind: 'matrix-factorization', objective: 'ials', dimensions: 32 },
      evaluation: { refit: false },
    });
    if (status >= 300) throw new Error(JSON.stringify(body));
    let peak = 0;
    let job: Job;
    let read: string | undefined;
    do {
      await sleep(200);
      for (const { pid, command } of service.processes())
        if (/bin\/trainer/.test(command)) peak = Math.max(peak, highWater(pid));
      job = (await service.send('GET', `/jobs/${body.id}`)).body;
      if (read === undefined && job.progress) read = seconds(started);
    } while (job.finishedAt === null);
    if (job.state !== 'succeeded') throw new Error(JSON.stringify(job.problem));
    const report = (await service.send('GET', '/models/lake/versions/1/report')).body;
    const { users, items, interactions } = report.data;
    note('share of the users, core', `${options.users}, 5 items and 5 users`);
    note(
      'pairs that count, of users and items',
      `${interactions.toLocaleString('en')}, ${users.toLocaleString('en')}, ${items.toLocaleString('en')}`,
    );
    note('files read, filtered and counted', read ?? 'not seen');
    note('job, from its post to its end', seconds(started));
    note('peak of the trainer', `${peak.toFixed(0)} MiB (TRAINER_MEMORY_MIB=${options.memory})`);
    if (!options.dry) publish();
  } finally {
    await service.dispose();
  }
}

/** The most memory that a process has had, in MiB. */
function highWater(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function publish(): void {
  const cpu = os.cpus()[0]!.model.split(/ (?=\d|-)/)[0];
  const command = `node bench/run.mjs parquet --rows ${options.rows} --users ${options.users} --memory ${options.memory}`;
  writeFileSync(
    'bench/results/parquet.md',
    `# A training from Parquet

\`${command}\`, on ${cpu}, ${os.cpus().length} cores, Node ${process.version}, load average ${load} at the start: where it is above the number of cores others had them too, and times say little. The interactions are made up. One run.

| what | |
|---|---:|
${notes.map(([what, value]) => `| ${what} | ${value} |`).join('\n')}
`,
  );
}
