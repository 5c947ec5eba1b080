import type { RatedDataset } from '../../../dataset/ratings.ts';
import { describeSplit } from '../../../dataset/split/describe-split.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { ReportBody } from '../../report.ts';
import { takenOutReport } from '../../teachers/learned-before.ts';
import type { RatingAssessment } from './assess.ts';
import type { RatingSettings } from './plan.ts';
import type { RemappedRatingTeacher } from './stored-teacher.ts';
import type { RatingControls } from './train-models.ts';

interface ReportParts {
  spec: CompleteDistillation;
  dataset: RatedDataset;
  split: Split;
  stored: RemappedRatingTeacher | undefined;
  settings: RatingSettings;
}

export function reportRatings(
  { spec, dataset, split, stored, settings }: ReportParts,
  { teacher, controls }: { teacher: RatingTeacher; controls: RatingControls },
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
      split: describeSplit(split.instead?.plan ?? spec.dataset.split, spec.distillation.seed),
      hash: dataset.hash,
      ...takenOutReport(stored ? [stored] : [], split.takenOut),
    },
    protocol,
    settings: { ...settings, chosenTeacher: teacher.settings, controlsTried: controls.best.tried },
  };
}
