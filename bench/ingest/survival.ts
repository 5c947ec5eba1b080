import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng } from '../../src/core/rng.ts';
import { createStore } from '../../src/store/create-store.ts';
import { createClient } from '../chaos/client.ts';
import { type Installation, type InstallationOptions, startInstallation } from '../chaos/installation.ts';
import { compareSets } from '../chaos/verify.ts';

export type Victim = 'api' | 'worker' | 'database';

export interface SurvivalOptions extends Pick<InstallationOptions, 'tensorBackend' | 'lostWorkerSeconds'> {
  folder: string;
  /** An empty database. */
  databaseUrl: string;
  /** Kills the database's server and starts it again. */
  strikeDatabase?: () => Promise<void>;
  strikes: readonly Victim[];
  meanPauseMs: number;
  /** Of a file that is imported meanwhile; 0 for none. */
  importRows: number;
  seed: number;
  log(line: string): void;
}

export interface Survival {
  kills: Record<Victim, number>;
  seconds: number;
  acknowledged: number;
  imported: number;
  stored: number;
  /** Posts that were not acknowledged, because the connection broke or with this status; they were sent again. */
  unanswered: Record<string, number>;
  /** What an acknowledged event or an imported row is missing or there twice, and what nobody sent. */
  faults: string[];
  story: string;
}

const POSTERS = 4;
const ROWS_PER_POST = 20;
const CALM_MS = 180_000;

/**
 * Posts events and imports a file while processes are killed at random moments. What was acknowledged must be there
 * exactly once; what was not may be there, once too, since every post is sent until it is acknowledged.
 */
export async function runSurvival(options: SurvivalOptions): Promise<Survival> {
  const started = Date.now();
  const installation = await startInstallation({ ...options, apis: 1, workers: 1 });
  const rng = createRng(options.seed);
  const kills = { api: 0, worker: 0, database: 0 };
  let isOver = false;
  try {
    const url = installation.apiUrls[0]!;
    const client = createClient([url]);
    await client.send('GET', '/health/ready');
    const jobId = options.importRows > 0 ? await startImport(url, options) : undefined;
    // Two runs at a time would not see each other's events otherwise.
    const run = path.basename(options.folder);
    const posters = Array.from({ length: POSTERS }, (_, poster) =>
      post(url, `${run}-${poster}`, () => isOver),
    );
    for (const [i, victim] of options.strikes.entries()) {
      await sleep(options.meanPauseMs * (0.2 + 1.6 * rng.next()));
      await strike(installation, victim, options);
      kills[victim]++;
      options.log(
        `${((Date.now() - started) / 1000).toFixed(1).padStart(7)} s  ${i + 1}  kill -9 of ${victim}`,
      );
    }
    isOver = true;
    const posted = await Promise.all(posters);
    const ended = jobId === undefined ? undefined : await endOf(client, jobId);
    const acknowledged = posted.flatMap(({ events }) => events);
    const sent = [...acknowledged, ...(ended ? importedRows(options.importRows).map(nameOf) : [])];
    const { stored, faults } = await look(options.databaseUrl, sent);
    if (ended && ended !== 'succeeded') faults.push(`the import is ${ended}`);
    const unanswered = sum(posted.map((one) => one.unanswered));
    const seconds = (Date.now() - started) / 1000;
    const imported = sent.length - acknowledged.length;
    const { length } = acknowledged;
    return {
      kills,
      seconds,
      acknowledged: length,
      imported,
      stored,
      unanswered,
      faults,
      story: installation.story(),
    };
  } finally {
    isOver = true;
    await installation.stop();
  }
}

async function strike(installation: Installation, victim: Victim, options: SurvivalOptions): Promise<void> {
  if (victim === 'database') return options.strikeDatabase?.();
  const [kept] = victim === 'api' ? installation.apis : installation.workers;
  while (kept!.pid() === undefined) await sleep(20);
  process.kill(kept!.pid()!, 'SIGKILL');
}

interface Row {
  userId: string;
  itemId: string;
  timestamp: number;
  eventId?: string;
}

const nameOf = ({ userId, itemId, timestamp }: Row) => `${userId} ${itemId} ${timestamp}`;

/** One post after the other, each until it is acknowledged. Every second event has an id of its own. */
async function post(url: string, poster: string, isOver: () => boolean) {
  const events: string[] = [];
  const unanswered: Record<string, number> = {};
  for (let n = 0; !isOver(); n++) {
    const rows = Array.from({ length: ROWS_PER_POST }, (_, i): Row => {
      const id = `${poster}-${n}-${i}`;
      const row = { userId: `user-${poster}-${i}`, itemId: `item-${n % 50}`, timestamp: 1.6e12 + n * 1000 };
      return i % 2 === 0 ? row : { ...row, eventId: id };
    });
    const body = JSON.stringify({ interactions: rows.map((row) => ({ ...row, type: 'click' })) });
    for (;;) {
      const status = await statusOf(url, body);
      if (status === '200') break;
      unanswered[status] = (unanswered[status] ?? 0) + 1;
      await sleep(50);
    }
    events.push(...rows.map(nameOf));
  }
  return { events, unanswered };
}

async function statusOf(url: string, body: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(20_000),
    });
    await answer.arrayBuffer();
    return answer.status === 503 && !answer.headers.has('retry-after')
      ? '503 without Retry-After'
      : String(answer.status);
  } catch {
    return 'no answer';
  }
}

const importedRows = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    userId: `reader-${i % 997}`,
    itemId: `book-${i % 89}`,
    timestamp: 1.5e12 + i * 1000,
  }));

async function startImport(url: string, { importRows }: SurvivalOptions): Promise<string> {
  const lines = importedRows(importRows).map((row) => `${row.userId},${row.itemId},${row.timestamp}\n`);
  const body = new Blob([`userId,itemId,timestamp\n${lines.join('')}`]);
  const answer = await fetch(`${url}/imports?kind=interactions&format=csv&type=read`, {
    method: 'POST',
    body,
  });
  if (answer.status !== 202) throw new Error(`the import was refused: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

async function endOf(client: ReturnType<typeof createClient>, jobId: string): Promise<string> {
  const deadline = Date.now() + CALM_MS;
  for (;;) {
    const { body } = await client.send('GET', `/jobs/${jobId}`);
    if (['succeeded', 'failed', 'cancelled'].includes(body.state) || Date.now() > deadline)
      return body.problem ? `${body.state}: ${JSON.stringify(body.problem)}` : body.state;
    await sleep(250);
  }
}

/** Straight in the database. The counts of items are kept beside the rows, so they must have survived too. */
async function look(databaseUrl: string, sent: readonly string[]) {
  const store = await createStore(databaseUrl);
  try {
    const stored: string[] = [];
    await store.interactions.snapshot(async (source) => {
      const users = await source.dictionary('users');
      const items = await source.dictionary('items');
      for await (const { length, userKey, itemKey, timestamp } of source.interactions())
        for (let i = 0; i < length; i++)
          stored.push(`${users.get(userKey[i]!)} ${items.get(itemKey[i]!)} ${timestamp[i]}`);
    });
    const faults = compareSets('events', sent, stored);
    const counted = (await store.interactions.mostPopular(100_000)).reduce(
      (all, { count }) => all + count,
      0,
    );
    if (counted !== stored.length)
      faults.push(`items count ${counted} interactions, ${stored.length} are stored`);
    return { stored: stored.length, faults };
  } finally {
    await store.close();
  }
}

function sum(counts: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const each of counts)
    for (const [name, count] of Object.entries(each)) total[name] = (total[name] ?? 0) + count;
  return total;
}
