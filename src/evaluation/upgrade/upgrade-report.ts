import { withCurrentNames } from '../../domain/losses/former-names.ts';
import { REPORT_FORMAT, type Report } from '../../domain/reports/report.ts';
import { headlineOf } from '../verdict/headline.ts';
import { verdictOf } from '../verdict/verdict.ts';
import type { FormerHead, Upgraded } from './former.ts';
import { type FormerLabelReport, upgradeLabels } from './upgrade-labels.ts';
import { type FormerRankingReport, upgradeRanking } from './upgrade-ranking.ts';
import { type FormerRatingReport, upgradeRatings } from './upgrade-ratings.ts';

type FormerReport = FormerRankingReport | FormerRatingReport | FormerLabelReport;

/**
 * Returns a stored report in the shape of today. One of an earlier release has no curves and no kinds of history, and its
 * verdict says no more than its figures do; one of today, or of a shape that is not known, is returned as it is.
 */
export function upgradeReport<R extends object>(stored: R): R | Report {
  if ('format' in stored) return stored;
  const former = stored as unknown as FormerReport;
  if ('rankers' in former) return completed(former, upgradeRanking(former));
  if ('predictors' in former) return completed(former, upgradeRatings(former));
  if ('labellers' in former) return completed(former, upgradeLabels(former));
  return stored;
}

/** Returns the bytes of a stored report in the shape and with the names of today; those of a report of today as they are. */
export function currentReport(bytes: Buffer): Buffer | string {
  const stored = JSON.parse(bytes.toString('utf8'));
  const settings = withCurrentNames(stored.settings);
  const current = upgradeReport(settings === stored.settings ? stored : { ...stored, settings });
  return current === stored ? bytes : JSON.stringify(current);
}

function completed(
  { model, createdAt, settings, seed, backend, codeVersion, seconds, warnings }: FormerHead,
  { headlineMetric, ...body }: Upgraded,
): Report {
  const measured = { histories: [], studentBeforeTraining: null, ...body };
  const headline = headlineOf(measured, headlineMetric);
  return {
    format: REPORT_FORMAT,
    ...{ model, createdAt, settings, seed, backend, codeVersion, seconds, warnings },
    verdict: verdictOf(measured, headlineMetric),
    ...(headline && { headline }),
    curves: [],
    served: { weights: settings.refit === true ? 'refitted' : 'tested' },
    ...measured,
  };
}
