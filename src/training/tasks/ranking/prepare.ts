import { suitedToRatings } from '../../../dataset/liking.ts';
import { holdOutUsers } from '../../../dataset/split/kinds.ts';
import { type Split, splitPairs } from '../../../dataset/split/split.ts';
import { RATING_TYPE } from '../../../domain/data/interaction.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { ModelValidation } from '../../../teacher/contract.ts';
import { expectedWork } from '../../run/expected-work.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { heldOutTypes, planFilter, planMeanings, readInstalled } from '../../run/plan-job.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import { splitWarnings } from '../../run/split-warnings.ts';
import { type FoundTeacher, findTeacher, importedOf, storedOf } from '../../teachers/find-teacher.ts';
import { leakWarnings, learnedBefore } from '../../teachers/learned-before.ts';
import { memoryWarnings } from '../../teachers/plan-teacher.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { planCandidates, type StudentCandidate } from './plan-candidates.ts';
import { readTrainingData, type TrainingData, withHidden } from './training-data.ts';
import { createValidation } from './validation.ts';
import { planWarnings } from './warnings.ts';

const ALL_RATINGS_COUNT =
  'No rating is 4 or more, so every rating counts as a pair that the user took; dataset.types.rating.minValue says from which value on ratings count';

/** The data of a job and its plan. A bench varies the settings. */
export interface PreparedRanking {
  data: TrainingData;
  split: Split;
  found: FoundTeacher;
  /** All that the versions that teach had learned from. */
  learned: ReturnType<typeof learnedBefore>;
  settings: TrainingSettings;
  /** Ways to make the student that validation chooses from; fewer than two where it stays as planned. */
  candidates: StudentCandidate[];
  weighting: Weighting;
  validation: ModelValidation | undefined;
}

export async function prepareRanking(run: Run): Promise<PreparedRanking> {
  const { spec, store, artifacts, rng, logger, warn } = run;
  const { split: plan } = spec.dataset;
  const installed = await readInstalled(store.eventTypes);
  const { weighting, ...read } = await store.interactions.snapshot(async (source) => {
    const types = (await source.dictionary('types')).values();
    const { weighting: planned, warnings } = planMeanings(spec, types, installed);
    for (const warning of warnings) warn(warning);
    const isOpen = !spec.dataset.types && !spec.dataset.events?.[RATING_TYPE];
    const suited = isOpen ? await suitedToRatings(source, planned) : planned;
    if (suited !== planned) warn(ALL_RATINGS_COUNT);
    const rows = {
      ...{ heldOut: heldOutTypes(plan), filter: planFilter(spec) },
      ...{ inOrder: spec.task === 'sequential', withSeen: true, warn },
    };
    return { ...(await readTrainingData(source, spec, suited, rows, warn)), weighting: suited };
  });
  const ids = [...read.dataset.items, ...(read.cold?.ids ?? [])];
  const data = withHidden(read, await readHidden(store, spec.model, ids));
  const { dataset } = data;
  const found = await findTeacher({ store, artifacts }, spec, dataset);
  const learned = learnedBefore(storedOf(found));
  const [split] = holdOutUsers([splitPairs(dataset, plan, spec.distillation.seed, learned)], {
    users: dataset.users,
    unseenShare: spec.evaluation.unseenUsers ?? 0,
  }) as [Split];
  const leaks = { versions: storedOf(found), imported: importedOf(spec), takenOut: split.takenOut };
  for (const warning of [...splitWarnings(split), ...leakWarnings(leaks)]) warn(warning);
  refuseEmptyTest(split, dataset.hidden);
  const size = {
    users: dataset.users.length,
    items: dataset.items.length,
    pairs: split.train.indices.length,
    ...(run.memoryMiB !== undefined && { memoryMiB: run.memoryMiB }),
  };
  const settings = planTraining(spec, size, found);
  for (const warning of [...planWarnings(settings), ...memoryWarnings(spec, size)]) warn(warning);
  logger.info({ ...size, pairs: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');
  const validation = createValidation(split, settings.patience, rng.fork('validation'), dataset);
  const candidates = planCandidates(spec, size, found);
  run.expect(expectedWork(size, settings, spec.evaluation));
  return { data, split, found, learned, settings, candidates, weighting, validation };
}
