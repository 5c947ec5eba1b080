// Stands in for bin/trainer in tests of the worker: the same messages, no TensorFlow. The model's name says what it
// does; what happened is written into runs.log in the folder of artifactsUrl.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

let folder = '';
let task;

process.on('disconnect', () => process.exit(1));
process.once('message', (message) => {
  task = message;
  folder = fileURLToPath(task.artifactsUrl);
  note('start');
  void behave(task.spec.model);
});

async function behave(model) {
  if (!model.startsWith('stubborn'))
    process.on('SIGTERM', () => leave('stopped', { kind: 'failed', ...failure('cancelled', false) }));
  else process.on('SIGTERM', () => note('ignored SIGTERM'));
  process.send({ kind: 'progress', progress: { stage: 'teacher', fraction: 0.1 } });
  if (model === 'warns')
    process.send({ kind: 'warning', message: 'The student is larger than its teacher.' });
  if (model === 'bad-data') return leave('failed', { kind: 'failed', ...failure('not-enough-data', false) });
  if (model === 'no-memory') return leave('failed', { kind: 'failed', ...failure('out-of-memory', false) });
  if (model === 'hiccup') return leave('failed', { kind: 'failed', ...failure('internal', true) });
  if (model === 'crash-always' || (model === 'crash-once' && isFirst())) return crash();
  if (model === 'hog') {
    const bytes = Buffer.alloc(300 * 2 ** 20, 1);
    await sleep(1500);
    if (bytes[5] !== 1) return;
  }
  if (model === 'talkative') {
    console.log(
      '{"level":30,"time":1,"pid":2,"name":"trainer","jobId":"x","pairs":7,"msg":"data set ready"}',
    );
    console.log('a line of a library');
    console.log('{"level":40,"msg":"the learning rate is high"}');
  }
  if (model === 'quick') await sleep(300);
  if (model === 'staged') {
    await sleep(400);
    process.send({ kind: 'progress', progress: { stage: 'distillation', fraction: 0.5 } });
    await sleep(1500);
  }
  if (model === 'chatty') await chat();
  if (model === 'slow' || model === 'stubborn') await sleep(60_000);
  if (model === 'brief' || (model === 'slow-once' && isFirst())) await sleep(1500);
  done();
}

function isFirst() {
  const marker = `${folder}/${task.jobId}.seen`;
  if (existsSync(marker)) return false;
  writeFileSync(marker, '');
  return true;
}

async function chat() {
  for (let i = 0; i < 1000; i++) {
    process.send({ kind: 'progress', progress: { stage: 'teacher', fraction: i / 1000, step: i } });
    await sleep(1);
  }
}

function crash() {
  process.stderr.write('last words of a stand-in\n');
  note('crash');
  process.kill(process.pid, 'SIGKILL');
}

const failure = (code, retryable) => ({
  problem: { code, title: code, detail: `because of ${code}` },
  retryable,
});

function done() {
  const { jobId, spec } = task;
  const summary = { metrics: {}, compressionRatio: 10 };
  const version = {
    model: spec.model,
    jobId,
    artifact: `models/${spec.model}/${jobId}`,
    bytes: 1,
    items: 1,
    dimensions: 1,
    summary,
  };
  leave('done', { kind: 'done', version, warnings: [] });
}

function leave(what, message) {
  note(what);
  process.send(message, () => process.exit(0));
}

function note(what) {
  appendFileSync(`${folder}/runs.log`, `${JSON.stringify({ jobId: task.jobId, pid: process.pid, what })}\n`);
}
