import { isDeepStrictEqual } from 'node:util';
import type { Weighting } from '../../domain/data/weighting.ts';
import type { MeasuredByName } from '../../domain/reports/measured.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';

/** The live version's figures, and the student's gain over it on the same pairs. */
export interface LiveComparison {
  model: ModelReport;
  gains: MeasuredByName;
}

type Figures = Pick<Report, 'models' | 'comparison'>;

/** Adds the live version to the figures of a task, where it was compared. */
export function withLive<F extends Figures>(figures: F, live: LiveComparison | undefined): F {
  if (!live) return figures;
  return {
    ...figures,
    models: [...figures.models, live.model],
    comparison: { ...figures.comparison, gainOverLive: live.gains },
  };
}

interface Reading {
  maxHistory: number;
  weighting: Weighting;
}

/**
 * Describes a live version, with what it reads otherwise than the student of the job.
 * @param unknown items that it does not know
 */
export function describeLive(
  student: string,
  { live, job }: { live: Reading; job: Reading },
  unknown: { items: number; are: string },
): string {
  return [
    student,
    ...(live.maxHistory === job.maxHistory ? [] : [`reads the newest ${live.maxHistory} of a history`]),
    ...(isDeepStrictEqual(live.weighting, job.weighting)
      ? []
      : ['made for other weights of interactions, asked here with those of this job']),
    ...(unknown.items > 0 ? [`${unknown.items} items that it does not know ${unknown.are}`] : []),
  ].join('; ');
}
