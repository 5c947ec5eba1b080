// Publishes, promotes, rolls back, deletes and collects versions of two models, one after the other and without end, so that it
// can be killed at any moment. Arguments: the address of the database, that of the artifacts, a seed. Needs dist/.
import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [databaseUrl, artifactsUrl, seed] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.resolve('dist', file)).href);
const { createStore } = await load('store/create-store.js');
const { createFsStore } = await load('artifact/store/fs-store.js');
const { collectVersions } = await load('worker/queue/collect-versions.js');
const { createRng } = await load('core/rng.js');

const store = await createStore(databaseUrl);
const { models } = store;
const artifacts = createFsStore(artifactsUrl);
const rng = createRng(Number(seed));
const quiet = { info() {}, warn() {} };
const one = (list) => list[rng.int(list.length)];

function filesOf() {
  const weights = Buffer.alloc(20_000 + rng.int(200_000), rng.int(256));
  const sha256 = createHash('sha256').update(weights).digest('hex');
  const manifest = { files: { 'weights.safetensors': { bytes: weights.length, sha256 } } };
  return new Map([
    ['weights.safetensors', weights],
    ['manifest.json', Buffer.from(JSON.stringify(manifest))],
  ]);
}

const operations = {
  async publish(model) {
    const jobId = `job_${randomUUID()}`;
    const artifact = `models/${model}/${jobId}`;
    await artifacts.putFolder(artifact, filesOf());
    const live = await models.alias(model, 'stable');
    const rule = { rule: 'live', value: 0, limit: 0, passed: rng.int(4) > 0, decided: 'interval', text: '' };
    const gate = {
      comparedWith: live?.version ?? null,
      foundUnder: live && 'stable',
      rules: [rule],
      merit: 1,
    };
    const summary = { metrics: {}, compressionRatio: 1 };
    await models.publish(
      { model, jobId, artifact, bytes: 1, items: 1, dimensions: 1, summary, gate },
      { alias: 'stable', isOff: false },
    );
  },
  async promote(model) {
    const versions = await models.versions(model);
    if (versions.length > 0) await models.setAlias(model, one(['stable', 'trial']), one(versions).version);
  },
  async rollBack(model) {
    const [before] = await models.before(model, 'stable');
    const alias = await models.alias(model, 'stable');
    if (before) await models.setAlias(model, 'stable', before.version, alias, { action: 'rolled-back' });
  },
  async remove(model) {
    const versions = await models.versions(model);
    if (versions.length > 0) await models.removeVersion(model, one(versions).version);
  },
  collect: () => collectVersions({ models, artifacts, logger: quiet, keepVersions: 3 }),
};

process.send?.('ready');
for (;;) {
  try {
    await one(Object.values(operations))(one(['movies', 'books']));
  } catch (error) {
    if (error.code !== 'conflict' && error.code !== 'not-found') throw error;
  }
}
