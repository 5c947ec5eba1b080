import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { JobProgress } from '../../src/domain/jobs/job.ts';
import { startTrainer } from '../../src/worker/trainer/trainer-process.ts';
import { blockRows } from '../helpers/data.ts';
import { copySource, type SourceCopy } from '../helpers/source-copy.ts';
import { interaction, openStore, temporaryFolder } from '../helpers/store.ts';
import { TOY_LOSS } from '../helpers/toy-loss.ts';
import { TOY_TEACHER } from '../helpers/toy-teacher.ts';

/** Each with the file that asks for the second line. */
const TOYS = [
  { ...TOY_TEACHER, registry: 'src/teacher/registry.ts' },
  { ...TOY_LOSS, registry: 'src/distillation/losses/registry.ts' },
];
/** All that knows of a teacher or a loss hangs on the first. */
const ENTRIES = ['src/training/pipeline.ts', 'src/scoring/scan/webassembly.d.ts'];

it('a teacher and a loss are two new files and a line for each, and a job trains with them', {
  // The compiler checks all of src twice.
  timeout: 360_000,
}, async () => {
  const source = await copySource();
  for (const { files, lines } of TOYS) {
    for (const [file, text] of Object.entries(files)) await source.write(file, text);
    await source.addLine(...Object.entries(lines)[0]!);
  }
  for (const { registry } of TOYS) {
    expect(await source.errors(ENTRIES, registry)).toContainEqual(
      expect.stringMatching(/registry\.ts: Property 'toy' is missing/),
    );
  }
  for (const { lines } of TOYS) await source.addLine(...Object.entries(lines)[1]!);
  expect(await source.errors(ENTRIES)).toEqual([]);
  await source.build();

  const { completeDistillation } = await import(source.built('domain/jobs/complete-distillation.js').href);
  const spec = completeDistillation({
    model: 'toys',
    teacher: { kind: 'toy', power: 0.7 },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { losses: [{ kind: 'toy' }], transfer: 'none', epochs: 3, batchSize: 8 },
  });
  expect(spec.distillation.losses).toEqual([{ kind: 'toy', weight: 1, scale: 0.1 }]);
  const { report, losses } = await train(source, spec);
  expect(report.models.map(({ description }: { description: string }) => description)).toContain('toy 0.7');
  expect(report.settings.teacher).toEqual({ kind: 'toy', power: 0.7 });
  expect(losses.length).toBeGreaterThan(1);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
});

it('they are the ones that the documentation shows', async () => {
  const docs = await readFile(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  for (const { files, lines } of TOYS)
    for (const text of [...Object.values(files), ...Object.values(lines)]) expect(docs).toContain(text);
});

/** The job in a trainer of its own that runs the copy. */
async function train(source: SourceCopy, spec: Parameters<typeof startTrainer>[0]['spec']) {
  const folder = await temporaryFolder();
  const database = path.join(folder, 'toy.db');
  const store = await openStore(database);
  await store.interactions.add(
    blockRows().map(({ user, item, timestamp }) =>
      interaction({ userId: user, itemId: item, timestamp: timestamp! }),
    ),
  );
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
  const outcome = await trainer.outcome;
  if (outcome.kind !== 'done') throw new Error(`The job ended as ${JSON.stringify(outcome)}`);
  const { artifact } = outcome.version;
  return {
    report: JSON.parse(await readFile(path.join(folder, 'artifacts', artifact, 'report.json'), 'utf8')),
    losses: progress.flatMap(({ stage, losses }) =>
      stage === 'distillation' && losses ? [losses.toy!] : [],
    ),
  };
}
