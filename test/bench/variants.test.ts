import { describe, expect, it } from 'vitest';
import { runJob } from '../../bench/lib/run-job.ts';
import { type Compared, compareVariants } from '../../bench/quality/variants.ts';
import { encodeStudentWeights } from '../../src/artifact/student/pack.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { blockRows, sourceOf } from '../helpers/data.ts';
import { tensorBackend } from '../helpers/engine.ts';
import { run, SPEC } from '../training/run-job.ts';

describe('variants of a distillation', () => {
  it('are students of one teacher, and the unchanged one is the one that a job publishes', async () => {
    let compared: Compared | undefined;
    await runJob({
      spec: completeDistillation(SPEC),
      interactions: sourceOf(blockRows()),
      backend: tensorBackend,
      variant: compareVariants({ default: {}, narrow: { student: { dimensions: 2 } } }, true, async (all) => {
        compared = all;
      }),
    });
    const widths = compared!.students.map(([name, { itemsOut }]) => [name, itemsOut.width]);
    expect(widths).toEqual([
      ['default', 4],
      ['narrow', 2],
      ['alone', 4],
    ]);
    const { weights } = await run();
    expect(Buffer.from(encodeStudentWeights(compared!.students[0]![1]))).toEqual(weights);
  });
});
