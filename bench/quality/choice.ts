/**
 * Whole default jobs on the tuning part of a data set, without the service between: which student validation chose, and how all
 * models did by kind of history.
 *
 *   node bench/run.mjs quality/choice <set> [--seeds 101,102] [--job JSON] [--unseen]
 *
 * With --unseen a fifth of the users is held out, and half of what they took is asked for. No test part is read; take other seeds
 * than for a test, as they draw other users.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { runJob } from '../lib/run-job.ts';
import { csvSource } from './csv-source.ts';
import { ofHeldOutUsers, qualitySets } from './data-sets.ts';
import { syntheticSet } from './synthetic.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '101' },
    job: { type: 'string', default: '{}' },
    unseen: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const sets = qualitySets(join(process.cwd(), '..', 'shared', 'data'));
const set = sets[name] ?? syntheticSet(name);
if (!set) {
  console.error(`usage: quality/choice <${Object.keys(sets).join('|')}|synthetic-USERSxITEMSxPAIRS>`);
  process.exit(2);
}
const uploads = set.uploads(true);
const source = csvSource(uploads);
for (const seed of options.seeds.split(',').map(Number)) {
  const { distillation, ...job } = JSON.parse(options.job);
  const started = performance.now();
  const times = new Map<string, number>();
  let [stage, since] = ['', started];
  const { report } = await runJob({
    spec: completeDistillation({
      model: 'choice',
      ...set.job,
      dataset: options.unseen ? ofHeldOutUsers(set, uploads) : set.tuning.dataset,
      distillation: { seed, ...distillation },
      evaluation: { refit: false },
      ...job,
    }),
    interactions: source,
    onWarning: (warning) => console.log(`  warning: ${warning}`),
    onProgress(progress) {
      if (progress.stage === stage) return;
      times.set(stage, (times.get(stage) ?? 0) + performance.now() - since);
      [stage, since] = [progress.stage, performance.now()];
    },
  });
  const seconds = [...times].filter(([one]) => one).map(([one, ms]) => `${one} ${(ms / 1000).toFixed(0)}`);
  console.log(
    `${name}, seed ${seed}: ${((performance.now() - started) / 1000).toFixed(0)} s (${seconds.join(', ')})`,
  );
  print(report as Report);
}

function print({ settings, models, histories }: Report): void {
  console.log('  recency', settings.recency, JSON.stringify(settings.recencyTried));
  for (const one of (settings.studentsTried ?? []) as Record<string, unknown>[])
    console.log('  tried', JSON.stringify(one));
  for (const { role, description, bytes } of models) console.log(`  ${role}: ${description}, ${bytes} bytes`);
  for (const { history, users, models: all } of histories) {
    if (users > 0) console.log(`  ${history}, ${users} users:`);
    for (const { name: model, metrics, fidelity } of all) {
      const figures = ['ndcg@10', 'recall@20', 'recall@50'].map((metric) =>
        metrics[metric]?.value.toFixed(4),
      );
      const shared = fidelity?.['overlap@10']?.value.toFixed(3) ?? '';
      console.log(`    ${model.padEnd(16)} ${figures.join(' ')} ${shared}`);
    }
  }
}
