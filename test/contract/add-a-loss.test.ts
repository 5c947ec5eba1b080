import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { JobProgress } from '../../src/domain/jobs/job.ts';
import { startTrainer } from '../../src/worker/trainer/trainer-process.ts';
import { blockRows } from '../helpers/data.ts';
import { copySource } from '../helpers/source-copy.ts';
import { interaction, openStore, temporaryFolder } from '../helpers/store.ts';
import { TOY_LOSS } from '../helpers/toy-loss.ts';

const ENTRIES = ['src/distillation/losses/registry.ts', 'src/training/tasks/ranking/plan-losses.ts'];

it('a loss is two new files and a line for each, and a job trains with it', {
  timeout: 120_000,
}, async () => {
  const source = await copySource();
  for (const [file, text] of Object.entries(TOY_LOSS.files)) await source.write(file, text);
  const [kindLine, termLine] = Object.entries(TOY_LOSS.lines);
  await source.addLine(...kindLine!);
  expect(source.errors(ENTRIES, ENTRIES[0]).join('\n')).toMatch(
    /losses\/registry\.ts: Property 'toy' is missing/,
  );
  await source.addLine(...termLine!);
  expect(source.errors(ENTRIES)).toEqual([]);
  await source.build();

  const folder = await temporaryFolder();
  const database = path.join(folder, 'toy.db');
  const store = await openStore(database);
  await store.interactions.add(
    blockRows().map(({ user, item, timestamp }) =>
      interaction({ userId: user, itemId: item, timestamp: timestamp! }),
    ),
  );
  const { completeDistillation } = await import(source.built('domain/jobs/complete-distillation.js').href);
  const spec = completeDistillation({
    model: 'toys',
    teacher: { kind: 'popularity' },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { losses: [{ kind: 'toy' }], transfer: 'none', epochs: 3, batchSize: 8 },
  });
  expect(spec.distillation.losses).toEqual([{ kind: 'toy', weight: 1, scale: 0.1 }]);
  const progress: JobProgress[] = [];
  const trainer = startTrainer(
    {
      jobId: 'job_1',
      spec,
      databaseUrl: `sqlite:${database}`,
      artifactsUrl: `file:${path.join(folder, 'artifacts')}`,
      tensorBackend: 'cpu',
      stages: {
        folder: path.join(folder, 'stages'),
        jobKey: 'job_1',
        checkpointSeconds: 3600,
        mostCacheMiB: 0,
      },
    },
    { file: source.built('bin/trainer.js'), env: { ...process.env, LOG_LEVEL: 'error' }, graceMs: 1000 },
    { onProgress: (p) => void progress.push(p), onWarning: () => {}, onLine: () => {} },
  );
  expect(await trainer.outcome).toMatchObject({ kind: 'done', version: { model: 'toys' } });
  const values = progress.flatMap(({ stage, losses }) =>
    stage === 'distillation' && losses ? [losses.toy!] : [],
  );
  expect(values.length).toBeGreaterThan(1);
  expect(values.at(-1)).toBeLessThan(values[0]!);
});

it('the loss is the one that the documentation shows', async () => {
  const docs = await readFile(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  for (const text of [...Object.values(TOY_LOSS.files), ...Object.values(TOY_LOSS.lines)])
    expect(docs).toContain(text);
});
