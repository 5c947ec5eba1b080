#!/usr/bin/env node
// @ts-check
// The main job, start to end, over HTTP alone: import MovieLens, train a teacher, distil a student, compare them,
// recommend. Afterwards the service stays up until Ctrl-C.
//
//   node scripts/demo.mjs [--once] [--retrain]
//
// --once     stop everything afterwards (also with CI=true)
// --retrain  train another version although there is one
import { parseArgs } from 'node:util';
import { createClient, followJob } from './demo/client.mjs';
import { loadDemoData } from './demo/movielens.mjs';
import { printReport } from './demo/report.mjs';
import { createProgressLine, heading, print, printTable } from './demo/screen.mjs';
import { startService } from './demo/service.mjs';

/** @typedef {import('./demo/client.mjs').Client} Client */

const MODEL = 'movies';
const { values: options } = parseArgs({
  options: { once: { type: 'boolean' }, retrain: { type: 'boolean' } },
});
const once = options.once || process.env.CI === 'true';

const interrupted = new Promise((settle) => {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => settle(signal));
});

const started = Date.now();
/** @type {Awaited<ReturnType<typeof startService>> | undefined} */
let service;
try {
  service = await startService();
  const outcome = await Promise.race([
    tell(createClient(service.base)),
    interrupted,
    service.ended.then(() => 'ended'),
  ]);
  if (outcome === 'ended') throw new Error(`The service ended; its log is ${service.log}.`);
  if (outcome === undefined && !once) {
    print(
      `\nThe service goes on until Ctrl-C, which stops it and everything it started. The API is at ${service.base}/docs.`,
    );
    print(`\nThe console, to look at all of it: ${service.base}/console/`);
    await Promise.race([interrupted, service.ended]);
  }
} catch (error) {
  print(`\nThe demo stopped: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await service?.stop();
}
// A stream that is still open would keep the process.
process.exit();

/** @param {Client} client */
async function tell(client) {
  heading(`The service runs at ${client.base}`);
  const known = options.retrain ? null : await publishedModel(client);
  if (!known) {
    await importData(client);
    await distil(client);
  } else {
    print(`Model ${MODEL} version ${known.version} is there from an earlier run; --retrain trains another.`);
  }
  const version = known ?? (await publishedModel(client));
  heading('Report: what the student kept');
  printReport(await client.get(`/models/${MODEL}/versions/${version.version}/report`, ''));
  await recommend(client);
  heading('The same with curl');
  for (const line of client.curls) print(line);
  print(`\nFrom the start of the service to here: ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/** @param {Client} client */
async function publishedModel(client) {
  const { data } = await client.get('/models');
  const model = data.find((/** @type {any} */ row) => row.name === MODEL);
  return model?.versions[0] ?? null;
}

/** @param {Client} client */
async function importData(client) {
  heading('Import');
  const data = await loadDemoData(print);
  print(
    `${data.source}: ${data.items.length} items, ${data.users.length} users, ${data.ratingCount} ratings`,
  );
  const ndjson = (/** @type {object[]} */ rows) => rows.map((row) => JSON.stringify(row)).join('\n');
  await importFile(client, 'items', 'ndjson', ndjson(data.items));
  await importFile(client, 'users', 'ndjson', ndjson(data.users));
  await importFile(client, 'interactions', 'csv', data.ratings);
}

/** @param {Client} client @param {string} kind @param {'csv' | 'ndjson'} format @param {string} body */
async function importFile(client, kind, format, body) {
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
  const response = await client.call('POST', `/imports?kind=${kind}&format=${format}`, {
    body,
    type,
    note: `--data-binary @${kind}.${format}`,
  });
  const job = await finished(client, /** @type {any} */ (await response.json()).id);
  const { accepted, duplicates, rejected } = job.result;
  print(`  ${kind}: ${accepted} accepted, ${duplicates} already there, ${rejected} rejected`);
}

/** @param {Client} client */
async function distil(client) {
  heading('Distillation: large teachers are tried, the best teaches a fold-in student');
  const spec = { model: MODEL };
  const job = await client.post('/jobs', spec, `-d '${JSON.stringify(spec)}'`);
  client.curls.push(`curl -N -H 'accept: text/event-stream' '${client.base}/jobs/${job.id}/events'`);
  const done = await finished(client, job.id);
  print(`Published ${done.result.model} version ${done.result.version}.`);
}

/** @param {Client} client @param {string} jobId */
async function finished(client, jobId) {
  const line = createProgressLine();
  const job = await followJob(client, jobId, ({ type, data }) => {
    if (type === 'progress') line.show(data.data);
  });
  line.end();
  if (job.state !== 'succeeded')
    throw new Error(`job ${jobId} ${job.state}: ${job.problem?.detail ?? 'no reason given'}`);
  return job;
}

/** @param {Client} client */
async function recommend(client) {
  heading('Ten films for user 1, from the student');
  printRecommendation(await client.get('/recommend/1?k=10', ''));

  const visitor = `visitor-${Date.now()}`;
  heading(`A brand-new user, ${visitor}`);
  const before = await client.get(`/recommend/${visitor}?k=10`, '');
  print(
    `Before any interaction the answer comes from ${before.source}: ${titles(before.items.slice(0, 3))}, ...`,
  );
  const liked = await twoFilms(client, before);
  const interactions = liked.map((/** @type {any} */ item) => ({
    userId: visitor,
    itemId: item.itemId,
    type: 'favorite',
  }));
  await client.post('/interactions', { interactions }, `-d '${JSON.stringify({ interactions })}'`);
  print(`They favour ${titles(liked)}. The very next request, without any training:`);
  const asked = performance.now();
  const after = await client.get(`/recommend/${visitor}?k=10`);
  const ms = performance.now() - asked;
  printRecommendation(after);
  print(`Answered in ${ms.toFixed(1)} ms over HTTP.`);
  if (after.source !== 'student')
    throw new Error(`expected an answer from the student, got ${JSON.stringify(after)}`);
}

/** Two of a kind, so that the effect can be seen; any two popular ones where the data has no such films. @param {Client} client @param {any} popular */
async function twoFilms(client, popular) {
  const found = await Promise.all(['172', '181'].map((id) => client.get(`/items/${id}`).catch(() => null)));
  const films = found.filter((item) => /Empire Strikes|Return of the Jedi/.test(item?.title ?? ''));
  return films.length === 2 ? films : popular.items.slice(0, 2);
}

/** @param {any} answer */
function printRecommendation({ items, source, model }) {
  printTable([
    [`${source}${model ? `, ${model.name} version ${model.version}` : ''}`, 'score'],
    ...items.map((/** @type {any} */ item, /** @type {number} */ i) => [
      `${String(i + 1).padStart(2)}. ${item.title ?? item.itemId}`,
      item.score.toFixed(3),
    ]),
  ]);
}

/** @param {{ title?: string, itemId: string }[]} items */
function titles(items) {
  return items.map((item) => item.title ?? item.itemId).join(', ');
}
