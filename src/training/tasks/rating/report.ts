import type { RatedDataset } from '../../../dataset/ratings.ts';
import { describeSplit } from '../../../dataset/split/describe-split.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { ReportSummary } from '../../../domain/answers/model.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { RatingReport } from '../../../domain/reports/rating-report.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { ReportHead } from '../../report.ts';
import { takenOutReport } from '../../teachers/learned-before.ts';
import type { RatingAssessment } from './assess.ts';
import type { RatingSettings } from './plan.ts';
import type { RemappedRatingTeacher } from './stored-teacher.ts';

/** The part of the report that this task adds to the common head. */
export type RatingReportBody = Omit<RatingReport, keyof ReportHead> & { settings: object };

interface ReportParts {
  spec: CompleteDistillation;
  dataset: RatedDataset;
  split: Split;
  stored: RemappedRatingTeacher | undefined;
  settings: RatingSettings;
}

export function reportRatings(
  { spec, dataset, split, stored, settings }: ReportParts,
  teacher: RatingTeacher,
  { predictors, comparison, protocol, testUsers }: RatingAssessment,
): RatingReportBody {
  return {
    task: 'rating',
    scale: dataset.scale,
    predictors,
    comparison,
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      ratings: dataset.matrix.indices.length,
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: split.test.indices.length,
      testUsers,
      split: describeSplit(split.instead?.plan ?? spec.dataset.split, spec.distillation.seed),
      hash: dataset.hash,
      ...takenOutReport(stored ? [stored] : [], split.takenOut),
    },
    protocol,
    settings: { ...settings, chosenTeacher: teacher.settings },
  };
}

/** Picks the figures that the registry shows of a version. */
export function summaryOfRatings({
  predictors,
  comparison,
}: Pick<RatingReport, 'predictors' | 'comparison'>): ReportSummary {
  const metrics = predictors.map(
    ({ name, rmse, mae }) => [name, { rmse: rmse.value, mae: mae.value }] as const,
  );
  return { metrics: Object.fromEntries(metrics), compressionRatio: comparison.compressionRatio };
}
