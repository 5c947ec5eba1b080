import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/tensor/train/progress.ts';
import { createCurves, measuredUsers } from '../../../src/training/run/curves.ts';

const end = (epoch: number, more: Partial<Progress> = {}): Progress => ({
  ...{ epoch, epochs: 9, step: 4, steps: 4, losses: { total: epoch }, learningRate: 0.1 },
  ...{ fraction: 1, etaSeconds: 0, epochEnd: { seconds: 0.5 } },
  ...more,
});

describe('the curves of a job', () => {
  it('have a point for the end of every epoch, with the time so far, and for nothing else', () => {
    const { listen, all } = createCurves();
    const hear = listen({ stage: 'distillation', loop: 0, loops: 1, metric: 'ndcg@10' });
    hear({ ...end(1), epochEnd: undefined });
    hear(end(1, { metric: 0.2 }));
    hear(end(2, { metric: 0.3, learningRate: 0 }));
    expect(all()).toEqual([
      {
        stage: 'distillation',
        metric: 'ndcg@10',
        points: [
          { epoch: 1, seconds: 0.5, losses: { total: 1 }, metric: 0.2, learningRate: 0.1 },
          { epoch: 2, seconds: 1, losses: { total: 2 }, metric: 0.3 },
        ],
      },
    ]);
  });

  it('tell the loops of a stage apart, also those that one listener hears one after the other', () => {
    const { listen, all } = createCurves();
    const places = [0, 1].map((loop) => ({ stage: 'teacher', loop, loops: 2, metric: 'ndcg@10' }));
    const [first, second] = places.map(listen);
    first!(end(1));
    first!(end(2));
    first!(end(1, { model: 'with these epochs' }));
    second!(end(1));
    expect(all().map(({ model, points }) => [model, points.map(({ epoch }) => epoch)])).toEqual([
      ['1 of 2', [1, 2]],
      ['with these epochs', [1]],
      ['2 of 2', [1]],
    ]);
    expect(all()[1]!.points[0]!.seconds).toBe(0.5);
    expect(all()[0]).not.toHaveProperty('metric');
  });

  it('are measured on so few users that an epoch hardly takes longer', () => {
    expect([1, 100, 10_000].map(measuredUsers)).toEqual([1, 8, 800]);
  });
});
