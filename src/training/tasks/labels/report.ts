import type { ReportBody } from '../../report.ts';
import { takenOutReport } from '../../teachers/learned-before.ts';
import type { LabelAssessment } from './assess.ts';
import type { LinearLabels } from './best-alone.ts';
import type { PreparedLabels } from './prepare.ts';
import { describeEntitySplit } from './split.ts';

/** @param epochsOfTeacher those that gave its best weights */
export function reportLabels(
  { data, fractions, split, inputs, settings, stored }: PreparedLabels,
  { seed, ...chosen }: { seed: number; epochsOfTeacher: number; controlsTried: LinearLabels['tried'] },
  { labels, ...assessment }: LabelAssessment,
): ReportBody {
  const { of, from } = settings.labels;
  return {
    headlineMetric: 'microF1',
    ...assessment,
    labels: { of, from, each: labels, leftOut: data.leftOut },
    data: {
      entities: {
        all: data.entities.length,
        withLabels: data.isKnown.reduce((sum, one) => sum + one, 0),
        labels: data.labels.length,
        featureColumns: inputs.features?.columns ?? 0,
      },
      users: of === 'users' ? data.entities.length : 0,
      items: data.items.length,
      interactions: data.takers.reduce((sum, count) => sum + count, 0),
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      testUsers: split.test.length,
      split: describeEntitySplit(of, fractions, seed),
      hash: data.hash,
      ...takenOutReport(stored ? [stored] : [], split.takenOut),
    },
    settings: { ...settings, ...chosen },
  };
}
