import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { completeDistillation } from '../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../src/domain/jobs/distillation-spec.ts';
import type { Measured } from '../src/domain/reports/measured.ts';
import type { Report } from '../src/domain/reports/report.ts';
import { runJob } from './lib/run-job.ts';
import { csvSource } from './quality/csv-source.ts';
import { qualitySets } from './quality/data-sets.ts';

/**
 * Runs one job on a published data set in this process, and prints what its report says of the three kinds of histories and of
 * the losses.
 *   npm run bench:kinds -- ml-100k [--seed 42] [--job '{"evaluation":{"seeds":3}}']
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '42' }, job: { type: 'string', default: '{}' } },
});
const folder = process.env.BENCH_DATA ?? join(process.cwd(), '..', 'shared', 'data');
const [name = 'ml-100k'] = positionals;
const set = qualitySets(folder)[name]!;
const asked: Partial<DistillationSpec> = JSON.parse(options.job);
const spec = completeDistillation({
  model: name,
  dataset: set.dataset,
  ...asked,
  distillation: { seed: Number(options.seed), ...asked.distillation },
});
const { report } = await runJob({ spec, interactions: csvSource(set.uploads(false)), backend: 'native' });
const { models, comparison, histories, protocol, seconds } = report as Report;
const shown = (measured: Measured | undefined) =>
  measured ? `${measured.value.toFixed(4)} [${measured.low.toFixed(4)}, ${measured.high.toFixed(4)}]` : '-';
for (const { name: model, metrics, loss, calibratedLoss, scoreScale } of models) {
  const numbers = [loss, calibratedLoss, scoreScale].map((x) => x?.toPrecision(5) ?? '-').join(' / ');
  console.log(`${model}: ndcg@10 ${shown(metrics['ndcg@10'])}, loss / calibrated / scale ${numbers}`);
}
console.log(`known: retained ${shown(comparison.retained['ndcg@10'])}`);
for (const { history, users, why, models: own, retained, gainOverAlone } of histories) {
  if (why) console.log(`${history}: none, ${why}`);
  else {
    const student = own.find((one) => one.name === 'student')!;
    console.log(
      [
        `${history}: ${users} users`,
        ...['overlap@10', 'rbo'].map((key) => `${key} ${shown(student.fidelity?.[key])}`),
        `retained ${shown(retained['ndcg@10'])}`,
        `student - control ${shown(gainOverAlone?.['ndcg@10'])}`,
      ].join(', '),
    );
  }
}
console.log(JSON.stringify({ protocol, seconds }));
