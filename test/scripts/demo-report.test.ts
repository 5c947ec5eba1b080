import { describe, expect, it } from 'vitest';
import { historyTable, modelTable } from '../../scripts/demo/report.mjs';
import { REPORT } from '../../src/http/docs/report-example.ts';
import { modelOf } from '../evaluation/verdict/figures.ts';

describe("the demo's tables", () => {
  it('show every model in columns, by calibrated losses where there are any', () => {
    const one = modelOf('student', { 'hr@1': 0.1529, 'recall@20': 0.2297, 'ndcg@10': 0.1579 });
    const [header, row] = modelTable([one]) as [string[], string[]];
    expect(row).toEqual([
      ...['student', '5.000', '0.1529', '0.2297', '0.1579', '0.1479 - 0.1679', '0.600', '0.1000', '0.400'],
      ...['10', '40', '-'],
    ]);
    expect(header).toHaveLength(row.length);
    expect(header[1]).toBe('loss');
    const [calibrated, ...rows] = modelTable([one, { ...one, calibratedLoss: 6.17 }]);
    expect(calibrated![1]).toBe('calibrated loss');
    expect(rows.map((cells) => cells[1])).toEqual(['-', '6.170']);
  });

  it('leave out what a job did not measure', () => {
    const row = modelTable([{ ...modelOf('means', { rmse: 1 }), coverage: null, segments: [] }])[1]!;
    expect(row.filter((cell) => cell === '-')).toHaveLength(7);
  });

  it('set the kinds of history side by side', () => {
    expect(historyTable(REPORT.histories)[1]).toEqual([
      ...['gone on since', '230', '0.3100', '0.3000', '97.0 %', '96.0 % - 98.0 %', '0.700', '-'],
    ]);
  });
});
