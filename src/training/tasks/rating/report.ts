import type { RatedDataset } from '../../../dataset/ratings.ts';
import { describeSplit } from '../../../dataset/split/describe-split.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { ReportBody } from '../../report.ts';
import type { RatingAssessment } from './assess.ts';
import type { RatingSettings } from './plan.ts';

interface ReportParts {
  spec: CompleteDistillation;
  dataset: RatedDataset;
  split: Split;
  settings: RatingSettings;
}

export function reportRatings(
  { spec, dataset, split, settings }: ReportParts,
  teacher: RatingTeacher,
  { models, comparison, histories, seeds, protocol, testUsers }: RatingAssessment,
): ReportBody {
  return {
    headlineMetric: 'rmse',
    scale: dataset.scale,
    models,
    comparison,
    histories,
    ...(seeds && { seeds }),
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: dataset.matrix.indices.length,
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: split.test.indices.length,
      testUsers,
      split: describeSplit(spec.dataset.split, spec.distillation.seed),
      hash: dataset.hash,
    },
    protocol,
    settings: { ...settings, chosenTeacher: teacher.settings },
  };
}
