import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { createLogger } from '../../src/core/logger.ts';
import { createRng, type Rng } from '../../src/core/rng.ts';
import { type LiveModel, loadLiveModel } from '../../src/serving/models/live-model.ts';
import { type CatalogueWork, createCatalogueWork } from '../../src/serving/threads/catalogue-work.ts';
import { createScanThreads } from '../../src/serving/threads/scan-threads.ts';
import { threadTime } from './api-process.ts';
import { packVersion } from './student.ts';

const WIDTH = 64;
const SCANS = 100;
const AT_ONCE = 4;
const K = 10;

export interface LargeRun {
  loadSeconds: number;
  /** The longest time that the event loop did nothing else, in ms. */
  blockedByLoadMs: number;
  blockedByScansMs: number;
  /** Of that block: ready to run while others had the cores. */
  waitedByScansMs: number;
  scanP50Ms: number;
}

export interface LargeResult {
  items: number;
  onThreads: LargeRun;
  inEventLoop: LargeRun;
}

/** A large catalogue of random vectors, which prune badly, loaded and scanned while the event loop has other work. */
export async function measureLarge(items = 1_000_000): Promise<LargeResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-large-'));
  const threads = createScanThreads({ size: 1, logger: createLogger('bench', 'warn') });
  try {
    const artifacts = createFsStore(pathToFileURL(folder).href);
    const rng = createRng(1);
    const registered = { model: 'large', version: 1, artifact: 'models/large/1', items, dimensions: WIDTH };
    await artifacts.putFolder(registered.artifact, packVersion(randomStudent(rng, items), 'large', '1'));
    const users = Array.from({ length: SCANS }, () => normals(rng, WIDTH));
    const run = async (work: CatalogueWork): Promise<LargeRun> => {
      const loaded = await longestBlock(() => loadLiveModel(artifacts, registered, work, true));
      const { findTop } = loaded.answer;
      await scanAll(findTop, users.slice(0, AT_ONCE));
      const scanned = await longestBlock(() => scanAll(findTop, users));
      return {
        loadSeconds: loaded.seconds,
        blockedByLoadMs: loaded.blockedMs,
        blockedByScansMs: scanned.blockedMs,
        waitedByScansMs: scanned.waitedMs,
        scanP50Ms: scanned.answer.sort((a, b) => a - b)[SCANS >> 1]!,
      };
    };
    return {
      items,
      onThreads: await run(createCatalogueWork(threads)),
      inEventLoop: await run(createCatalogueWork(null)),
    };
  } finally {
    await threads.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes one turn after the other, as a server under load does, and answers the longest wait for one. */
async function longestBlock<T>(
  work: () => Promise<T>,
): Promise<{ answer: T; seconds: number; blockedMs: number; waitedMs: number }> {
  const pid = String(process.pid);
  const started = performance.now();
  let isOver = false;
  let blockedMs = 0;
  let waitedMs = 0;
  const watching = (async () => {
    let last = started;
    let waitedBefore = threadTime(pid, pid).waitedSeconds;
    while (!isOver) {
      await setImmediate();
      const now = performance.now();
      if (now - last > Math.max(1, blockedMs)) {
        const { waitedSeconds } = threadTime(pid, pid);
        waitedMs = Math.min(now - last, (waitedSeconds - waitedBefore) * 1000);
        blockedMs = now - last;
      }
      waitedBefore = threadTime(pid, pid).waitedSeconds;
      last = performance.now();
    }
  })();
  await setImmediate();
  const answer = await work();
  isOver = true;
  await watching;
  return { answer, seconds: (performance.now() - started) / 1000, blockedMs, waitedMs };
}

/** A few at a time; the time of each in ms. */
async function scanAll(findTop: LiveModel['findTop'], users: readonly Float32Array[]): Promise<number[]> {
  const times: number[] = [];
  const waiting = [...users];
  const worker = async () => {
    for (let vector = waiting.pop(); vector; vector = waiting.pop()) {
      const started = performance.now();
      await findTop({ vector, k: K, leftOut: [] });
      times.push(performance.now() - started);
      await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return times;
}

function randomStudent(rng: Rng, items: number): StudentWeights {
  const matrix = quantizeRows(normals(rng, items * WIDTH), items, WIDTH);
  return {
    itemsIn: matrix,
    itemsOut: matrix,
    userBias: new Float32Array(WIDTH),
    itemBias: normals(rng, items),
    popularity: Float32Array.from({ length: items }, () => rng.int(100)),
    inner: null,
    quantization: 'int8',
    normalization: 'l2',
    activation: 'identity',
  };
}

function normals(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.normal());
}
