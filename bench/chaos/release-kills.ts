import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { messageOf } from '../../src/core/errors.ts';
import { createRng } from '../../src/core/rng.ts';
import { fileOfVersion } from '../../src/http/served-file.ts';
import { createStore } from '../../src/store/create-store.ts';
import { collectVersions } from '../../src/worker/queue/collect-versions.ts';

export interface ReleaseKills {
  kills: number;
  /** Moves of aliases that are on record. */
  moves: number;
  versions: number;
  /** Artifacts of publications that were killed before the registry knew of them; their jobs would find them again. */
  unregistered: number;
  faults: string[];
}

interface Options {
  folder: string;
  databaseUrl: string;
  kills: number;
  seed: number;
  log?(line: string): void;
}

const WEIGHTS = 'weights.safetensors';
const MODELS = ['movies', 'books'];
const quiet = { info() {}, warn() {} } as never;

/** Kills a process that works on the registry and its artifacts, at random moments, and looks each time whether all is whole. */
export async function runReleaseKills({
  folder,
  databaseUrl,
  kills,
  seed,
  log,
}: Options): Promise<ReleaseKills> {
  const artifactsUrl = `file:${path.join(folder, 'artifacts')}`;
  const rng = createRng(seed);
  const faults: string[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    const mill = fork(
      'bench/chaos/release-mill.mjs',
      [databaseUrl, artifactsUrl, String(seed * 1000 + kill)],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    let said = '';
    mill.stderr!.on('data', (text) => {
      said += text;
    });
    const ended = once(mill, 'exit');
    await Promise.race([once(mill, 'message'), ended]);
    await sleep(20 + rng.int(500));
    const fell = mill.exitCode !== null;
    mill.kill('SIGKILL');
    await ended;
    if (fell) faults.push(`kill ${kill}: the process had ended by itself: ${said.slice(-2000)}`);
    const found = await look(databaseUrl, artifactsUrl, folder);
    faults.push(...found.faults.map((fault) => `kill ${kill}: ${fault}`));
    log?.(`${kill}: ${found.versions} versions, ${found.moves} moves, ${found.faults.length} faults`);
    if (kill === kills) return { kills, ...found, faults };
  }
  return { kills: 0, moves: 0, versions: 0, unregistered: 0, faults };
}

/** Straight in the database and the files: every version whole, every alias at one that is there, every deletion carried out. */
async function look(
  databaseUrl: string,
  artifactsUrl: string,
  folder: string,
): Promise<Omit<ReleaseKills, 'kills'>> {
  const store = await createStore(databaseUrl);
  const artifacts = createFsStore(artifactsUrl);
  const { models } = store;
  const faults: string[] = [];
  let moves = 0;
  let versions = 0;
  let unregistered = 0;
  try {
    // What was begun is carried out by whoever collects next.
    await collectVersions({ models, artifacts, logger: quiet });
    const left = await models.collectable(1000);
    faults.push(...left.map(({ artifact }) => `${artifact} is deleted and was not collected`));
    for (const model of MODELS) {
      const known = await models.versions(model);
      versions += known.length;
      for (const version of known) {
        await fileOfVersion(artifacts, version, WEIGHTS).catch((error) =>
          faults.push(`version ${version.version} of ${model} (${version.aliases}): ${messageOf(error)}`),
        );
      }
      for (const alias of ['stable', 'candidate', 'trial']) {
        const history = await models.history(model, alias, 1000);
        moves += history[0]?.seq ?? 0;
        const [now] = history;
        const at = await models.alias(model, alias);
        if ((now?.version ?? null) !== (at?.version ?? null))
          faults.push(`${model}/${alias} is not where its history says`);
        if (at && !known.some(({ version }) => version === at.version))
          faults.push(`${model}/${alias} dangles`);
        const sequence = history.map(({ seq }) => seq);
        if (sequence.some((seq, i) => i > 0 && seq !== sequence[i - 1]! - 1)) {
          faults.push(`${model}/${alias}: its history has gaps`);
        }
      }
      unregistered += foldersOf(folder, model).filter(
        (job) => !known.some(({ jobId }) => jobId === job),
      ).length;
    }
    return { moves, versions, unregistered, faults };
  } finally {
    await store.close();
  }
}

function foldersOf(folder: string, model: string): string[] {
  const place = path.join(folder, 'artifacts', 'models', model);
  return existsSync(place) ? readdirSync(place) : [];
}
