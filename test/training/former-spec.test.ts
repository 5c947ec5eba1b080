import { expect, it } from 'vitest';
import { createLogger } from '../../src/core/logger.ts';
import {
  type CompleteDistillation,
  completeDistillation,
} from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { runDistillation } from '../../src/training/pipeline.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { blockRows, type Row } from '../helpers/data.ts';
import { tensorBackend } from '../helpers/engine.ts';
import { temporaryFolder } from '../helpers/store.ts';
import { twoTasks } from '../helpers/two-tasks.ts';
import { memoryArtifacts, SPEC, storeOf } from './run-job.ts';
import { QUICK } from './tasks/several/jobs.ts';

/** A job as a release before this one has kept it: without the options that came since. */
function formerSpec(spec: DistillationSpec): CompleteDistillation {
  const { unseenUsers: _, seeds: __, refit: ___, ...evaluation } = completeDistillation(spec).evaluation;
  return { ...completeDistillation(spec), evaluation: evaluation as CompleteDistillation['evaluation'] };
}

const rated = blockRows().map((row, i) => ({ ...row, type: 'rating', value: 1 + (i % 5) }));

it.each([
  ['single-label', { ...SPEC, distillation: { ...SPEC.distillation, epochs: 1 } }, blockRows()],
  ['several tasks', { ...QUICK, teacher: { kind: 'ease', lambda: 5 } }, twoTasks()],
  ['rating', { model: 'stars', task: 'rating', distillation: { epochs: 1 }, evaluation: { k: [3] } }, rated],
] as [string, DistillationSpec, Row[]][])(
  'a job of %s that was accepted before runs as it did',
  async (_, spec, rows) => {
    const logger = createLogger('test', 'silent');
    const artifacts = memoryArtifacts();
    const { version } = await runDistillation({
      task: { jobId: 'job-1', spec: formerSpec(spec), tensorBackend },
      store: storeOf(rows),
      artifacts,
      stages: createStages({
        folder: await temporaryFolder(),
        jobKey: 'job-1',
        checkpointSeconds: 3600,
        mostCacheMiB: 0,
        logger,
      }),
      signal: new AbortController().signal,
      onProgress() {},
      onWarning() {},
      logger,
      timedAnswers: 16,
    });
    const report = JSON.parse((await artifacts.get(`${version.artifact}/report.json`)).toString()) as Report;
    expect(report.served).toEqual({ weights: 'tested' });
    expect(report.seeds).toBeUndefined();
    expect(report.histories.find(({ history }) => history === 'unseen')).toMatchObject({
      users: 0,
      why: 'evaluation.unseenUsers is 0: every user is trained on',
    });
  },
);
