import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createArtifactStore } from '../src/artifact/store/create-store.ts';
import type { ArtifactStore } from '../src/artifact/store/store.ts';
import { loadAny } from '../src/artifact/student/load-any.ts';
import { quantizeRows } from '../src/artifact/student/quantize.ts';
import type { StudentWeights } from '../src/artifact/student/student-weights.ts';
import { readConfig } from '../src/core/config.ts';
import { createRng } from '../src/core/rng.ts';
import { createStore } from '../src/store/create-store.ts';
import { CREDENTIALS, startTestS3 } from '../test/helpers/s3.ts';
import { freePorts } from './lib/free-ports.ts';
import { type ApiProcess, startApi } from './serve/api-process.ts';
import { packVersion } from './serve/student.ts';

/**
 * Artifacts in an S3 server on loopback against a folder: publishing and loading a version, starting an api with an empty cache, a
 * full one and without the server, and recommendations while the server is killed.
 *   node bench/run.mjs s3 --items 350000 --answers 10000
 */
const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '350000' },
    answers: { type: 'string', default: '10000' },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const ITEMS = Number(options.items);
const ANSWERS = Number(options.answers);
const WIDTH = 64;
const ARTIFACT = 'models/bench/job_1';
const STREAM_MIB = 512;
const AT_ONCE = 8;
const MIB = 2 ** 20;

const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-bench-s3-'));
const server = await startTestS3();
const rows: [string, string][] = [];
const note = (what: string, value: string) => {
  rows.push([what, value]);
  console.log(`${what}: ${value}`);
};

try {
  const bucket = { ...CREDENTIALS, ...(await server.createBucket()), DATA_DIR: path.join(folder, 's3') };
  const s3 = createArtifactStore(readConfig({ ...bucket, ARTIFACTS_CACHE_MIB: '0' }));
  await stream(s3);
  const files = version();
  const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
  note('size of the version', `${(bytes / MIB).toFixed(1)} MiB in ${files.size} files`);
  const plain = createArtifactStore(readConfig({ DATA_DIR: path.join(folder, 'plain') }));
  for (const [name, store] of [
    ['folder', plain],
    ['S3', s3],
  ] as const) {
    note(`publish, ${name}`, await timed(() => store.putFolder(ARTIFACT, files)));
    note(`load, ${name}`, await timed(() => loadAny(store, ARTIFACT)));
  }
  const cached = createArtifactStore(readConfig({ ...bucket, DATA_DIR: path.join(folder, 'cached') }));
  note('load, S3, empty cache', await timed(() => loadAny(cached, ARTIFACT)));
  note('load, S3, full cache', await timed(() => loadAny(cached, ARTIFACT)));
  await register(path.join(folder, 'plain'));
  await register(path.join(folder, 's3'));
  await api('folder', { DATA_DIR: path.join(folder, 'plain') });
  await api('S3, empty cache', bucket);
  await api('S3, full cache', bucket, outage);
  await api('S3 away, full cache', bucket);
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
if (!options.dry) writeFileSync(path.resolve('bench/results/s3.md'), page());

/** More than fits into the parts that are in memory at once. */
async function stream(store: ArtifactStore): Promise<void> {
  const chunk = Buffer.alloc(MIB, 7);
  const source = () => Readable.from(Array.from({ length: STREAM_MIB }, () => chunk));
  await store.put('warm-up', chunk);
  const before = process.resourceUsage().maxRSS;
  note(`put of a stream of ${STREAM_MIB} MiB`, await timed(() => store.put('stream', source())));
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  note('peak of memory above that of before', `${grown.toFixed(0)} MiB`);
  let read = 0;
  const get = async () => {
    for await (const part of await store.open('stream')) read += part.length;
  };
  note('the stream read again', await timed(get));
  if (read !== STREAM_MIB * MIB) throw new Error(`${read} bytes came back`);
  await store.remove('stream');
}

function version(): Map<string, Buffer> {
  const rng = createRng(1);
  const matrix = () =>
    quantizeRows(
      Float32Array.from({ length: ITEMS * WIDTH }, () => rng.next() - 0.5),
      ITEMS,
      WIDTH,
    );
  const weights: StudentWeights = {
    itemsIn: matrix(),
    itemsOut: matrix(),
    userBias: new Float32Array(WIDTH),
    itemBias: new Float32Array(ITEMS),
    popularity: new Float32Array(ITEMS).fill(1),
    inner: null,
    quantization: 'int8',
    normalization: 'l2',
    activation: 'identity',
  };
  return packVersion(weights, 'bench', 'job_1');
}

async function register(dataDir: string): Promise<void> {
  const store = await createStore(readConfig({ DATA_DIR: dataDir }).databaseUrl);
  const summary = { metrics: {}, compressionRatio: 1 };
  const of = {
    model: 'bench',
    jobId: 'job_1',
    artifact: ARTIFACT,
    bytes: 1,
    items: ITEMS,
    dimensions: WIDTH,
  };
  await store.models.publish({ ...of, summary }, 'stable');
  await store.close();
}

async function api(
  name: string,
  env: Record<string, string>,
  then: (api: ApiProcess) => Promise<void> = async () => {},
): Promise<void> {
  const [port, barePort] = await freePorts(2);
  const logFile = path.join(folder, 'api.log');
  const started = await startApi({ port: port!, barePort: barePort!, logFile, env });
  note(`api start to ready, ${name}`, `${started.readyMs.toFixed(0)} ms`);
  try {
    await then(started);
  } finally {
    await started.stop();
  }
}

/** Asks on while the server is killed after a fifth of the answers. */
async function outage({ url }: ApiProcess): Promise<void> {
  let asked = 0;
  let failed = 0;
  const ask = async () => {
    while (asked < ANSWERS) {
      if (asked++ === Math.trunc(ANSWERS / 5)) await server.kill();
      const answer = await fetch(`${url}/recommend/nobody`).catch(() => null);
      const body = (await answer?.json()) as { model?: { name: string } } | undefined;
      if (answer?.status !== 200 || body?.model?.name !== 'bench') failed++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  note(`recommendations, S3 killed after ${ANSWERS / 5}`, `${ANSWERS}, ${failed} failed`);
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const started = performance.now();
  await work();
  return `${(performance.now() - started).toFixed(0)} ms`;
}

function page(): string {
  const load = os.loadavg()[1]!.toFixed(1);
  return `# Artifacts in an object store

\`node bench/run.mjs s3 ${process.argv.slice(2).join(' ')}\`, on ${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}, load average ${load}: where it is above the number of cores others had them too, and times say little. The server is versitygw over a folder of the same machine, so that no network is in the figures. Each figure is one run.

| what | |
|---|---:|
${rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n')}
`;
}
