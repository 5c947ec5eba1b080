import { type LabelStudent, packLabelStudent } from '../../src/artifact/student/label-student.ts';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { createEncoder } from '../../src/features/encoding.ts';
import { fitEncoding } from '../../src/features/fit.ts';

const COLD = [2, 0];
const WARM = [0, 2];
const NOTHING = [0, 0];

const rows = (list: number[][]) => quantizeRows(Float32Array.from(list.flat()), list.length, 2);

/** What is taken with item-0 is warm, with item-1 cold; so is the year 1 warm and the year 2 cold. Of item-2 nothing is known. */
export function sampleLabels(of: 'items' | 'users' = 'items'): LabelStudent {
  const encoding = fitEncoding(
    [1, 1, 2, 2].map((year) => ({ features: { year } })),
    { option: 'test', noun: 'item', fields: ['features.year'], buckets: 1 << 20 },
  );
  const [warmColumn] = createEncoder(encoding)({ features: { year: 1 } }).columns;
  return {
    of,
    from: of === 'items' ? 'categories' : 'features.climate',
    items: ['item-0', 'item-1', 'item-2'],
    labels: ['cold', 'warm'],
    into: rows([WARM, COLD, NOTHING, ...(warmColumn === 0 ? [WARM, COLD] : [COLD, WARM])]),
    bias: new Float32Array(2),
    out: rows([
      [2, -2],
      [-2, 2],
    ]),
    labelBias: new Float32Array(2),
    known: of === 'items' ? rows([WARM, COLD, NOTHING]) : null,
    takers: Float32Array.of(5, 5, 0),
    encoding,
    calibration: { scale: 1, shift: 0 },
    thresholds: Float32Array.of(0.6, 0.4),
    shares: Float32Array.of(0.7, 0.3),
  };
}

export function labelFiles(student = sampleLabels(), model = 'climates'): Map<string, Buffer> {
  const report = { task: 'multi-label', model, createdAt: '2026-01-02T03:04:05.000Z' } as Report;
  return packLabelStudent(student, report, {
    model,
    jobId: 'job-1',
    weighting: { types: {}, otherTypes: 1, halfLifeDays: null },
    backend: { name: 'none' },
    summary: { metrics: {}, compressionRatio: 10 },
  });
}
