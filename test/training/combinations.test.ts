import { describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { ITEMS } from '../helpers/data.ts';
import { run, SPEC } from './run-job.ts';

type Losses = NonNullable<NonNullable<DistillationSpec['distillation']>['losses']>;
type Student = Omit<NonNullable<DistillationSpec['student']>, 'kind'>;
type How = DistillationSpec['distillation'];

const spec = (student: Student, distillation: How): DistillationSpec => ({
  ...SPEC,
  teacher: { kind: 'softmax', hidden: [8], epochs: 4, batchSize: 8, learningRate: 0.02 },
  student: { kind: 'fold-in', dimensions: 4, ...student },
  distillation: { epochs: 2, batchSize: 8, learningRate: 0.02, seed: 7, ...distillation },
});

const everything: Losses = [
  { kind: 'softLabels', temperature: { schedule: 'linear', from: 2, to: 1 }, scores: 'standardized' },
  { kind: 'rankLabels', temperature: 3, top: 8 },
  { kind: 'hardLabels', weight: 0.1 },
  { kind: 'rrd', top: 5, samples: 5 },
  { kind: 'rce-kd', top: 5, samples: 5 },
  { kind: 'dcd', top: 4, samples: 4, side: 'both', weight: { schedule: 'constant', from: 1, warmup: 0.5 } },
  { kind: 'fitnet' },
  { kind: 'de', experts: 2 },
];

describe('a job', () => {
  it.each<[string, Student, How, object]>([
    ['of all losses but one at once', {}, { losses: everything }, { quantization: 'int8' }],
    [
      'of topology, sampled softmax, one matrix and four bits',
      { tied: true, itemBias: false, quantization: 'int4' },
      {
        losses: [
          { kind: 'htd', groups: 2 },
          { kind: 'rankLabels', top: 6, samples: 9 },
        ],
        transfer: 'svd',
      },
      { quantization: 'int4', tied: true, itemBias: false },
    ],
    [
      'of a hidden layer and product codes',
      { hidden: 9, activation: 'tanh', normalization: 'sqrt', quantization: 'pq', codes: 8, codeWidth: 2 },
      { losses: [{ kind: 'rankLabels' }] },
      { quantization: 'pq', hidden: 9, activation: 'tanh', normalization: 'sqrt' },
    ],
    ['from the strongest neurons', { activation: 'relu' }, { transfer: 'neurons' }, { activation: 'relu' }],
    ['from a copy', { dimensions: 8 }, { transfer: 'copy', dropout: 0 }, { dimensions: 8 }],
  ])('%s ends with an artifact that serving can load', async (_what, student, how, manifest) => {
    const job = await run(spec(student, how));
    const loaded = await loadStudent(job.artifacts, job.version.artifact);
    expect(loaded.manifest).toMatchObject(manifest);
    expect(loaded.weights.itemsOut.rows).toBe(ITEMS);
    const reported = job.report.models.find((ranker) => ranker.name === 'student')!;
    expect(reported.bytes).toBe(job.weights.length);
    expect(job.report.studentBeforeTraining).not.toBeNull();
    if (how?.losses) {
      // What only says that the job is alive has none.
      const { losses } = job.progress.findLast((one) => one.stage === 'distillation' && one.losses)!;
      for (const { kind } of how.losses) expect(losses).toHaveProperty(kind);
    }
  });

  it.each<[string, Student, How, RegExp]>([
    [
      'a list beyond the catalogue',
      {},
      { losses: [{ kind: 'rrd', top: 500 }] },
      /top 500 of rrd exceeds the catalogue of 24 items .* at most 24 fit/,
    ],
    [
      'more samples than items',
      {},
      { losses: [{ kind: 'rce-kd', samples: 25 }] },
      /samples 25 of rce-kd exceeds the catalogue of 24 items/,
    ],
    [
      'more codes than items',
      { quantization: 'pq', codes: 200 },
      {},
      /student\.codes 200 exceeds the 24 items/,
    ],
  ])(
    'with %s fails before anything is trained, and says what would fit',
    async (_what, student, how, detail) => {
      const failure = await run(spec(student, how)).catch((error) => error);
      expect(failure).toMatchObject({ code: 'invalid-job', detail: expect.stringMatching(detail) });
      expect(failure.progress.map(({ stage }: { stage: string }) => stage)).toEqual(['data']);
    },
  );
});
