import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress, type Progress } from '../../../src/tensor/train/progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  // The clock does not begin with the training.
  vi.advanceTimersByTime(5000);
});
afterEach(() => {
  vi.useRealTimers();
});

const losses = { total: 1 };
const learningRate = 0.1;

/** Progress over epochs of 4 steps, each of which takes a second. */
function run(epochs: number, epochsDone: number) {
  const seen: Progress[] = [];
  const progress = createProgress((one) => void seen.push(one), epochs, 4, epochsDone);
  const epoch = (number: number) => {
    for (let step = 1; step <= 4; step++) {
      vi.advanceTimersByTime(1000);
      progress.step({ epoch: number, step, losses, learningRate });
    }
    progress.epochEnd({ epoch: number, losses, learningRate, seconds: 4 });
  };
  return { seen, epoch };
}

const told = ({ fraction, etaSeconds }: Progress) => [
  Number(fraction.toFixed(6)),
  Number(etaSeconds.toFixed(6)),
];

describe('the progress of a training loop', () => {
  it('tells the share that is done and, from the pace so far, the time left', () => {
    const { seen, epoch } = run(2, 0);
    epoch(1);
    epoch(2);
    const half = [0.5, 4];
    expect(seen.map(told)).toEqual([
      [0.125, 7],
      [0.25, 6],
      [0.375, 5],
      half,
      half,
      [0.625, 3],
      [0.75, 2],
      [0.875, 1],
      [1, 0],
      [1, 0],
    ]);
  });

  it('after a resume goes by the epochs of this run alone, not by those that cost it nothing', () => {
    const { seen, epoch } = run(10, 8);
    epoch(9);
    expect(seen.map(told)).toEqual([
      [0.825, 7],
      [0.85, 6],
      [0.875, 5],
      [0.9, 4],
      [0.9, 4],
    ]);
  });

  it('is told at most ten times a second, and at the end of every epoch', () => {
    const seen: Progress[] = [];
    const progress = createProgress((one) => void seen.push(one), 1, 100, 0);
    for (let step = 1; step <= 100; step++) {
      vi.advanceTimersByTime(10);
      progress.step({ epoch: 1, step, losses, learningRate });
    }
    progress.epochEnd({ epoch: 1, losses, learningRate, metric: 0.5, seconds: 1 });
    expect(seen.map(({ step }) => step)).toEqual([1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 100]);
    expect(seen.at(-1)).toEqual({
      epoch: 1,
      epochs: 1,
      step: 100,
      steps: 100,
      losses,
      learningRate,
      metric: 0.5,
      fraction: 1,
      etaSeconds: 0,
      epochEnd: { seconds: 1 },
    });
  });

  it('is told to nobody where nobody asks', () => {
    const progress = createProgress(undefined, 1, 1, 0);
    expect(() => {
      progress.step({ epoch: 1, step: 1, losses, learningRate });
      progress.epochEnd({ epoch: 1, losses, learningRate, seconds: 1 });
    }).not.toThrow();
  });
});
