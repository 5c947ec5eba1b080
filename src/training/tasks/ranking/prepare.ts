import { EMPTY_SET } from '../../../core/hash-set.ts';
import { suitedToRatings } from '../../../dataset/liking.ts';
import { holdOutUsers } from '../../../dataset/split/kinds.ts';
import { type Split, splitPairs } from '../../../dataset/split/split.ts';
import { RATING_TYPE } from '../../../domain/data/interaction.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { ModelValidation } from '../../../teacher/contract.ts';
import { expectedWork, type TeacherWork, teacherWork } from '../../run/expected-work.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { heldOutTypes, planFilter, planMeanings, readInstalled } from '../../run/plan-job.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import { splitWarnings } from '../../run/split-warnings.ts';
import { type FoundTeacher, findTeacher, importedOf, storedOf } from '../../teachers/find-teacher.ts';
import { leakWarnings, learnedBefore } from '../../teachers/learned-before.ts';
import { memoryWarnings } from '../../teachers/plan-teacher.ts';
import { secondsOfPlan } from '../../teachers/seconds-of-plan.ts';
import { chooseRecency, type RecencyTrial } from './choose-recency.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { planCandidates, type StudentCandidate } from './plan-candidates.ts';
import { isOutgrown, planRenewed, type RenewedPlan, searchedBefore } from './renewed.ts';
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
  /** Weights of older items that were tried, where validation chose among them. */
  recencyTried?: RecencyTrial[];
  /** The plan of a job that renews a version. */
  renewed?: RenewedPlan;
  /** Tells the time that the stages to come take with these settings. */
  expect(chosen: TrainingSettings): void;
  /** Parts of the teacher's stage. */
  teacherParts: TeacherWork;
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
  const pairs = dataset.matrix.indices.length;
  const before = found.renewal && (await searchedBefore(artifacts, found.stored!));
  const all = learnedBefore(storedOf(found));
  // A teacher that is searched for anew has learned nothing before, so that the whole validation part may choose it.
  const learned = all && before && isOutgrown(before, pairs) ? { ...all, validation: EMPTY_SET } : all;
  const [parts] = holdOutUsers([splitPairs(dataset, plan, spec.distillation.seed, learned)], {
    users: dataset.users,
    unseenShare: spec.evaluation.unseenUsers ?? 0,
  }) as [Split];
  const { recency, tried: recencyTried } = await chooseRecency(
    run,
    parts,
    found,
    dataset,
    rng.fork('recency'),
  );
  const split = { ...parts, ...(recency !== undefined && { recency }) };
  const leaks = { versions: storedOf(found), imported: importedOf(spec), takenOut: split.takenOut };
  for (const warning of [...splitWarnings(split), ...leakWarnings(leaks)]) warn(warning);
  refuseEmptyTest(split, dataset.hidden);
  const size = {
    users: dataset.users.length,
    items: dataset.items.length,
    pairs: split.train.indices.length,
    ...(run.memoryMiB !== undefined && { memoryMiB: run.memoryMiB }),
  };
  const renewed = before && planRenewed(spec, size, found, before, pairs);
  if (renewed?.changed && !renewed.isStale) warn(renewed.changed);
  const settings = renewed?.settings ?? planTraining(spec, size, found);
  for (const warning of [...planWarnings(settings), ...memoryWarnings(spec, size)]) warn(warning);
  logger.info({ ...size, pairs, hash: dataset.hash }, 'data set ready');
  const validation = createValidation(split, settings.patience, rng.fork('validation'), dataset);
  const candidates = renewed ? [] : planCandidates(spec, size, found);
  const work = {
    ...{ seeds: spec.evaluation.seeds, candidates: candidates.length },
    teacherSeconds: secondsOfPlan(settings.teacher, size),
  };
  const expect = (chosen: TrainingSettings) => run.expect(expectedWork(size, chosen, work));
  expect(settings);
  const teacherParts = teacherWork(size, work);
  return {
    ...{ data, split, found, learned, settings, candidates, weighting, validation },
    ...{ expect, teacherParts },
    ...(recencyTried && { recencyTried }),
    ...(renewed && { renewed }),
  };
}
