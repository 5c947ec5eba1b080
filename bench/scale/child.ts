import { rmSync } from 'node:fs';
import path from 'node:path';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { TrainingSource } from '../../src/domain/data/interaction-source.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { type BackendName, createEngine } from '../../src/tensor/engine.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { runJob, temporary } from '../lib/run-job.ts';
import type { ScaleCase } from './cases.ts';
import { syntheticInteractions } from './generator.ts';
import type { ScaleResult } from './result.ts';
import { createStageClock } from './stage-clock.ts';

// A whole job with nothing but defaults, on one size of data, in a process of its own as every trainer has one: the memory of the
// others does not count.

process.once('message', async (work: ScaleCase) => {
  const result = await run(work);
  process.send!(result, () => process.exit(0));
});

async function run(work: ScaleCase): Promise<ScaleResult> {
  const engine = await createEngine({ backend: work.backend as 'auto' | BackendName });
  const { name, tensorflow, threads } = engine.report;
  const folder = temporary('scale');
  const seconds = () => performance.now() / 1000;
  const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
  const told = work.etaClock === 'wall' ? seconds : cpuSeconds;
  const clock = createStageClock({
    seconds,
    cpuSeconds,
    told,
    peakMiB: () => Math.round(process.resourceUsage().maxRSS / 1024),
  });
  const warnings: string[] = [];
  let stage = '';
  try {
    const { report } = await runJob({
      spec: completeDistillation({
        model: 'scale',
        distillation: { seed: work.seed },
        ...(work.tasks && {
          tasks: Object.keys(work.tasks).map((type) => ({ name: type, types: [type] })),
        }),
      }),
      interactions: { snapshot: (read) => read(sourceOf(work)) },
      engine,
      clock: told,
      artifacts: createFsStore(`file:${path.join(folder, 'artifacts')}`),
      stages: createStages({
        folder: path.join(folder, 'stages'),
        jobKey: 'scale',
        checkpointSeconds: 15,
        mostCacheMiB: 4096,
        logger: createLogger('bench', 'silent'),
      }),
      onWarning: (message) => void warnings.push(message),
      onProgress(progress) {
        if (progress.stage !== stage) tell(work, progress.stage);
        stage = progress.stage;
        clock.onProgress(progress);
      },
    });
    const result = {
      case: work,
      backend: name,
      threads,
      warnings,
      etaClock: work.etaClock,
      ...clock.result(),
    };
    return { ...result, ...(tensorflow && { tensorflow }), quality: qualityOf(report as Report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell({ name }: ScaleCase, stage: string): void {
  const { maxRSS } = process.resourceUsage();
  process.stderr.write(
    `${name}: ${(performance.now() / 1000).toFixed(0)} s, peak RSS ${Math.round(maxRSS / 1024)} MiB, now ${stage}\n`,
  );
}

function sourceOf(work: ScaleCase): TrainingSource {
  const { interactions, dictionary } = syntheticInteractions(work);
  return { interactions, dictionary, async *items() {}, async *users() {} };
}

/** NDCG@10 of every model, over all tasks. */
function qualityOf({ models, tasks }: Report): Record<string, number> {
  const tables = tasks?.map(({ task, models: own }) => ({ prefix: `${task} `, own })) ?? [
    { prefix: '', own: models },
  ];
  return Object.fromEntries(
    tables.flatMap(({ prefix, own }) =>
      own.map(({ name, metrics }) => [`${prefix}${name}`, metrics['ndcg@10']?.value ?? Number.NaN]),
    ),
  );
}
