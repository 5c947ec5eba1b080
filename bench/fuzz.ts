import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { raiseStorm } from '../test/http/hostile/storm.ts';
import { openDocument } from '../test/http/open-api.ts';
import { createClient } from './chaos/client.ts';
import { type Installation, startInstallation } from './chaos/installation.ts';
import { runSchemathesis } from './fuzz/schemathesis.ts';
import { fillStore, MODEL } from './serve/fill-store.ts';
import { itemName, makePopulation, userName } from './serve/population.ts';

/**
 * Hostile requests to a real api with Redis and a worker, without keys and with them: our own, seeded, and those that
 * schemathesis makes of the document. Every answer is held to the document. Ends with 1 after a failure of ours, an answer
 * that is not documented, a request that hangs, or an end of a process.
 *   npm run fuzz -- --requests 10000 --seed 7
 */
const { values: options } = parseArgs({
  options: {
    /** Our own, half of them with keys. */
    requests: { type: 'string', default: '10000' },
    /** Cases of schemathesis for each operation and phase; 0 leaves it out. */
    examples: { type: 'string', default: '25' },
    seed: { type: 'string', default: '7' },
    /** Beyond it a request hangs, in seconds. */
    patience: { type: 'string', default: '60' },
  },
});
const [requests, examples, seed] = [options.requests, options.examples, options.seed].map(Number);
const patienceMs = Number(options.patience) * 1000;
const opened = openDocument(JSON.parse(readFileSync('openapi/openapi.json', 'utf8')));
const [USERS, ITEMS] = [300, 200];
const TRAINED = 'films';
let faults = 0;

for (const hasKeys of [false, true]) await fuzz(hasKeys);
console.log(faults === 0 ? 'Nothing found.' : `${faults} faults.`);
process.exitCode = faults === 0 ? 0 : 1;

async function fuzz(hasKeys: boolean): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-fuzz-'));
  const keys = hasKeys
    ? ['admin', 'recommend+events'].map((scopes) => ({ scopes, key: randomBytes(32).toString('hex') }))
    : [];
  const hashed = keys.map(({ scopes, key }) => `${createHash('sha256').update(key).digest('hex')}:${scopes}`);
  await fillStore(
    path.join(folder, 'stillhouse.db'),
    `file:${folder}/artifacts`,
    makePopulation(USERS, ITEMS, 1),
    1,
  );
  const installation = await startInstallation({
    ...{ folder, apis: 1, workers: 1, tensorBackend: 'cpu' },
    env: {
      API_KEYS: hashed.join(),
      LOG_LEVEL: 'warn',
      // A job that is taken needs a trainer: a few show what there is to see.
      MAX_QUEUED_JOBS: '5',
      // Many are sent in a minute, wrong keys too, and their answers are looked at.
      WRONG_KEYS_PER_MINUTE: '0',
    },
  });
  try {
    await untilReady(installation);
    await replaceModel(installation.apiUrls[0]!, keys[0]?.key);
    const pids = pidsOf(installation);
    const url = installation.apiUrls[0]!;
    const name = hasKeys ? 'with keys' : 'without keys';
    const storm = await raiseStorm({
      ...{ url, opened, requests: requests! / 2, seed: seed! + Number(hasKeys), patienceMs },
      known: {
        ...{ userId: [userName(0), userName(1), 'nobody'], itemId: [itemName(0), itemName(1)] },
        ...{ name: [TRAINED, 'nothing'], version: ['1', 'stable'], alias: ['stable', 'candidate'] },
      },
      ...(hasKeys && { keys: [keys[0]!.key, keys[0]!.key, keys[1]!.key, 'wrong', undefined] }),
    });
    for (const fault of storm.faults) console.error(fault);
    faults += storm.faults.length;
    const byStatus = new Map<string, number>();
    for (const [what, count] of storm.counts) {
      const status = what.split(' ').at(-1)!;
      byStatus.set(status, (byStatus.get(status) ?? 0) + count);
    }
    const statuses = [...byStatus].sort().map(([status, count]) => `${count} x ${status}`);
    console.log(
      `${name}: ${requests! / 2} requests of our own, ${statuses.join(', ')}; ${storm.faults.length} faults`,
    );
    if (examples! > 0) {
      const order = { url, key: keys[0]?.key, examples: examples!, seed: seed!, folder, patienceMs };
      const found = await runSchemathesis(order);
      if ('why' in found) console.error(`${name}: schemathesis DID NOT RUN.${found.why}`);
      else if (!found.isSound) faults++;
    }
    for (const [process, pid] of Object.entries(pidsOf(installation)))
      if (pid === undefined || pid !== pids[process]) {
        faults++;
        console.error(`${process} ended\n${installation.story()}`);
      }
    if (faults > 0)
      console.error(
        installation
          .story()
          .split('\n')
          .filter((line) => line.includes('"err"'))
          .slice(-20)
          .join('\n'),
      );
  } finally {
    await installation.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Trains a model with a whole report in place of the one that the data came with. */
async function replaceModel(url: string, key: string | undefined): Promise<void> {
  const client = createClient([url]);
  const headers: Record<string, string> = key === undefined ? {} : { 'x-api-key': key };
  const spec = { model: TRAINED, teacher: { kind: 'ease' }, student: { kind: 'fold-in', dimensions: 8 } };
  const evaluation = { refit: false };
  const { body: job } = await client.send('POST', '/jobs', { ...spec, evaluation }, headers);
  for (;;) {
    const { body } = await client.send('GET', `/jobs/${job.id}`, undefined, headers);
    if (body.state === 'succeeded') break;
    if (body.state === 'failed') throw new Error(JSON.stringify(body.problem));
    await sleep(500);
  }
  await fetch(`${url}/models/${MODEL}`, { method: 'DELETE', headers });
}

function pidsOf({ apis, workers }: Installation) {
  return Object.fromEntries([...apis, ...workers].map((each) => [each.name, each.pid()]));
}

async function untilReady({ apiUrls }: Installation): Promise<void> {
  while (!(await fetch(`${apiUrls[0]}/health/ready`).catch(() => null))?.ok) await sleep(200);
}
