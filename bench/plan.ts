import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DistillationSpec } from '../src/domain/jobs/distillation-spec.ts';
import type { Job } from '../src/domain/jobs/job.ts';
import type { JobPlan } from '../src/domain/jobs/job-plan.ts';
import { qualitySets } from './quality/data-sets.ts';
import { readFilms } from './quality/genres.ts';
import { dataFolder, postAll } from './quality/own-page.ts';
import { startQualityService } from './quality/service.ts';

/**
 * Sets what POST /jobs/plan expects beside what the job then takes, on MovieLens-100K:
 *   npm run bench:plan [-- --jobs default,rating --times 2]
 * With `times` each job is run so often, under a model of its own and with a seed of its own, and later plans know the earlier jobs.
 */
const JOBS: Record<string, Omit<DistillationSpec, 'model'>> = {
  default: {},
  rating: { task: 'rating' },
  labels: { task: 'multi-label', labels: { of: 'items', from: 'categories' } },
  sequential: { task: 'sequential' },
};
const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: 'default,rating,labels' },
    times: { type: 'string', default: '2' },
  },
});
const root = path.resolve('.');
const folder = dataFolder(root, 'ml-100k');
if (!folder) process.exit(0);
const service = await startQualityService(root);
try {
  for (const upload of qualitySets(path.join('..', 'shared', 'data'))['ml-100k']!.uploads(false)) {
    await service.upload(upload);
  }
  await postAll(service, 'items', readFilms(folder));
  console.log('| job | planned s | with the pace of earlier jobs s | took s | planned MiB | greatest MiB |');
  console.log('|---|---|---|---|---|---|');
  for (const name of options.jobs.split(',')) {
    const spec = JOBS[name];
    if (!spec) throw new Error(`${name} is no job; there are ${Object.keys(JOBS).join(', ')}`);
    for (let time = 1; time <= Number(options.times); time++) {
      // Another seed is another teacher: nothing is kept from the job before.
      console.log(await compare({ model: `${name}-${time}`, ...spec, distillation: { seed: time } }));
    }
  }
} finally {
  await service.stop();
}

async function compare(asked: DistillationSpec): Promise<string> {
  const { expected } = await service.send<JobPlan>('/jobs/plan', asked);
  const { id } = await service.send<Job>('/jobs', asked);
  const { job, peakMiB } = await service.finished(id);
  const took = (Date.parse(job.finishedAt!) - Date.parse(job.startedAt!)) / 1000;
  const cells = [asked.model, expected.plannedSeconds, expected.seconds, took, expected.memoryMiB, peakMiB];
  return `| ${cells.join(' | ')} |`;
}
