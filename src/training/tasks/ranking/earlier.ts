import type { Weighting } from '../../../domain/data/weighting.ts';
import type { Run } from '../../run/run.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import type { Contestants } from './assess.ts';
import { openLiveRanking } from './live.ts';
import type { TrainingSettings } from './plan.ts';
import { withoutRecency } from './recency.ts';
import type { TrainingData } from './training-data.ts';

interface JobAtHand {
  data: Pick<TrainingData, 'dataset' | 'said'>;
  found: FoundTeacher;
  settings: Pick<TrainingSettings, 'maxHistory'>;
  weighting: Weighting;
}

/** Opens the earlier versions in a job's tables: the one that teaches and the one that is live, which may be the same. */
export async function earlierVersions(
  run: Run,
  { data, found: { stored, remapped }, settings, weighting }: JobAtHand,
): Promise<Pick<Contestants, 'previous' | 'live'>> {
  const { users, items } = data.dataset;
  const userEncoding = data.said?.users?.encoding;
  const job = { users, items, weighting, maxHistory: settings.maxHistory, userEncoding };
  const { live, taught: isLive } = await openLiveRanking(run, job, stored);
  if (!stored || !remapped) return { live };
  const { version } = stored.settings;
  const { previous } = stored;
  // In order, histories are as they are; in a ranking older items of theirs weigh less already.
  const student =
    run.spec.task === 'sequential' ? previous : { ...previous, weights: withoutRecency(previous.weights) };
  return { live, previous: { student, oldRows: remapped.oldRows, version, isLive } };
}
