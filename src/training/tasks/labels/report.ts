import type { ReportSummary } from '../../../domain/answers/model.ts';
import type { LabelReport } from '../../../domain/reports/label-report.ts';
import type { ReportHead } from '../../report.ts';
import { takenOutReport } from '../../teachers/learned-before.ts';
import type { LabelAssessment } from './assess.ts';
import type { PreparedLabels } from './prepare.ts';
import { describeEntitySplit } from './split.ts';

export type LabelReportBody = Omit<LabelReport, keyof ReportHead> & { settings: object };

/** @param epochsOfTeacher those that gave its best weights */
export function reportLabels(
  { data, fractions, split, inputs, settings, stored }: PreparedLabels,
  { seed, epochsOfTeacher }: { seed: number; epochsOfTeacher: number },
  assessment: LabelAssessment,
): LabelReportBody {
  const { of, from } = settings.labels;
  return {
    task: 'multi-label',
    of,
    from,
    ...assessment,
    leftOut: data.leftOut,
    data: {
      entities: data.entities.length,
      withLabels: data.isKnown.reduce((sum, one) => sum + one, 0),
      labels: data.labels.length,
      items: data.items.length,
      interactions: data.takers.reduce((sum, count) => sum + count, 0),
      featureColumns: inputs.features?.columns ?? 0,
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      split: describeEntitySplit(of, fractions, seed),
      hash: data.hash,
      ...takenOutReport(stored ? [stored] : [], split.takenOut),
    },
    settings: { ...settings, epochsOfTeacher },
  };
}

export function summarizeLabels({
  labellers,
  comparison,
}: Pick<LabelReport, 'labellers' | 'comparison'>): ReportSummary {
  return {
    metrics: Object.fromEntries(
      labellers.map(({ name, metrics, macroF1 }) => [
        name,
        { microF1: metrics.microF1!.value, macroF1, lrap: metrics.lrap!.value },
      ]),
    ),
    compressionRatio: comparison.compressionRatio,
  };
}
