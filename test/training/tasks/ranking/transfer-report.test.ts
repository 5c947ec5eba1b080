import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../../../../src/tensor/train/fit.ts';
import { transferReport } from '../../../../src/training/tasks/ranking/transfer-report.ts';

const stored = {
  settings: { kind: 'stored', model: 'films', version: 3, part: 'student' },
} as Parameters<typeof transferReport>[0];
const remapped = { counts: { known: 4, alike: 1, unknown: 0, gone: 2 } } as Parameters<
  typeof transferReport
>[1];

/** One epoch a metric, of so many seconds. */
const history = (seconds: number, ...metrics: (number | undefined)[]): EpochRecord[] =>
  metrics.map((metric, i) => ({ epoch: i + 1, losses: {}, metric, seconds }));

const report = (student: EpochRecord[], control: EpochRecord[]) =>
  transferReport(stored, remapped, { student, control });

describe('a successor beside the same student from scratch', () => {
  it('is compared after as many epochs, and by what it took to be as good as the best of the other', () => {
    const { from, items, curves, atEqualEpochs, reachedAlone } = report(
      history(2, 0.3, 0.45, 0.5),
      history(1, 0.1, 0.2, 0.3, 0.4, 0.35),
    );
    expect(from).toEqual({ model: 'films', version: 3, part: 'student' });
    expect(items).toEqual(remapped.counts);
    expect(curves.student).toEqual([
      { epoch: 1, seconds: 2, 'ndcg@10': 0.3 },
      { epoch: 2, seconds: 4, 'ndcg@10': 0.45 },
      { epoch: 3, seconds: 6, 'ndcg@10': 0.5 },
    ]);
    expect(atEqualEpochs).toEqual({ epochs: 3, student: 0.5, 'student-alone': 0.3 });
    // The other was at its best after 4 epochs and 4 seconds.
    expect(reachedAlone).toEqual({ epochs: 2, seconds: 4, shareOfEpochs: 0.5, shareOfSeconds: 1 });
  });

  it('that was never as good says so', () => {
    expect(report(history(1, 0.1, 0.2), history(1, 0.1, 0.3)).reachedAlone).toBeNull();
  });

  it('has empty curves without a validation part', () => {
    const { curves, atEqualEpochs, reachedAlone } = report(history(1, undefined), history(1, undefined));
    expect(curves).toEqual({ student: [], 'student-alone': [] });
    expect([atEqualEpochs, reachedAlone]).toEqual([null, null]);
  });
});
