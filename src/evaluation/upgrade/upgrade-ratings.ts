import type { Measured } from '../../domain/reports/measured.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import { UNRANKED } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import { type FormerHead, mapAll, mapped, metricsOf, NOT_COMPARED, roleOf, type Upgraded } from './former.ts';

/** A report of ratings before format 2. */
export interface FormerRatingReport extends FormerHead, Pick<Report, 'protocol'> {
  scale: NonNullable<Report['scale']>;
  predictors: {
    name: ModelReport['name'];
    description: string;
    rmse: Measured;
    mae: Measured;
    distanceToTeacher: Measured | null;
    parameters: number;
    bytes: number;
    segments: { segment: string; ratings: number; rmse: number }[];
  }[];
  comparison: {
    compressionRatio: number;
    /** The student's error divided by the teacher's. */
    rmseToTeacher: Measured;
    /** The student's error minus the other's. */
    rmseToAlone: Measured;
    rmseToMeans: Measured;
  };
  data: Omit<Report['data'], 'interactions'> & { ratings: number };
}

export function upgradeRatings({
  scale,
  predictors,
  comparison,
  data,
  protocol,
}: FormerRatingReport): Upgraded {
  const models = predictors.map(({ name, description, rmse, mae, distanceToTeacher, segments, ...size }) => ({
    ...UNRANKED,
    ...{ name, description, parameters: size.parameters, bytes: size.bytes },
    role: roleOf(name),
    metrics: { rmse, mae },
    fidelity: distanceToTeacher && { distance: distanceToTeacher },
    segments: segments.map(({ segment, ratings, rmse: error }) => ({
      segment,
      count: ratings,
      metrics: { rmse: error },
    })),
  }));
  const { compressionRatio, rmseToTeacher, rmseToAlone, rmseToMeans } = comparison;
  const { ratings, ...counts } = data;
  const teacher = metricsOf(models, 'teacher').rmse?.value ?? Number.NaN;
  const turned = (difference: Measured) => ({ rmse: mapped(difference, (x) => 0 - x) });
  return {
    headlineMetric: 'rmse',
    task: 'rating',
    scale,
    models,
    comparison: {
      ...NOT_COMPARED,
      compressionRatio,
      retained: { rmse: mapped(rmseToTeacher, (share) => 1 / share) },
      gainOverTeacher: mapAll({ rmse: rmseToTeacher }, (share) => (1 - share) * teacher),
      gainOverAlone: turned(rmseToAlone),
      gainOverBaseline: turned(rmseToMeans),
    },
    data: { ...counts, interactions: ratings },
    protocol,
  };
}
