import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { suitedToRatings } from '../../../dataset/liking.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { holdOutUsers } from '../../../dataset/split/kinds.ts';
import { newestKnown, type Split, splitPairs, studentHistories } from '../../../dataset/split/split.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { ModelValidation, TrainingContext } from '../../../teacher/contract.ts';
import { namedAnswers } from '../../run/answered.ts';
import { expectedWork } from '../../run/expected-work.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { packScored } from '../../run/pack.ts';
import { heldOutTypes, planFilter, planWeighting } from '../../run/plan-job.ts';
import { summaryOf } from '../../run/publish.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import { splitWarnings } from '../../run/split-warnings.ts';
import { type OpenTask, seedsOf, type Task } from '../../task.ts';
import { type FoundTeacher, findTeacher, importedOf, storedOf } from '../../teachers/find-teacher.ts';
import { leakWarnings, learnedBefore } from '../../teachers/learned-before.ts';
import { obtainTeacher } from '../../teachers/obtain-teacher.ts';
import { memoryWarnings } from '../../teachers/plan-teacher.ts';
import { identityOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';
import { assess } from './assess.ts';
import { chooseStudent, type StudentChoice } from './choose-student.ts';
import { earlierVersions } from './earlier.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { planCandidates, type StudentCandidate } from './plan-candidates.ts';
import { learnedFile, refitRanking } from './refit.ts';
import { reportRanking } from './report.ts';
import { thenNewItems } from './then-new-items.ts';
import { type RankingControls, trainControls } from './train-controls.ts';
import { learnsFromTeacher, startDistilled, type TrainedStudent } from './train-student.ts';
import { readTrainingData, type TrainingData, withHidden } from './training-data.ts';
import { createMeasurement, createValidation } from './validation.ts';
import { choiceWarnings, planWarnings, sizeWarnings } from './warnings.ts';

export type OpenRanking = OpenTask<RankingTeacher, TrainedStudent, RankingControls>;

/** The tasks single-label and sequential, and multi-label over items: every item is ranked from the history alone. */
export const ranking: Task<RankingTeacher, TrainedStudent, RankingControls> = {
  metric: 'ndcg@10',
  control: 'student-alone',
  open: async (run) => openRanking(run, await prepareRanking(run)),
};

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
  const { weighting, ...read } = await store.interactions.snapshot(async (source) => {
    const planned = planWeighting(spec);
    const suited = spec.dataset.types ? planned : await suitedToRatings(source, planned);
    if (suited !== planned) warn(ALL_RATINGS_COUNT);
    const rows = {
      ...{ heldOut: heldOutTypes(plan), filter: planFilter(spec) },
      ...{ inOrder: spec.task === 'sequential', withSeen: true },
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

// Long because its parts share the choice, which is made when the teacher is there.
export function openRanking(run: Run, planned: PreparedRanking): OpenRanking {
  const { spec, rng, stages, logger } = run;
  const { data, split, found, weighting, validation } = planned;
  const { dataset, features } = data;
  const { stored } = found;
  let choice: StudentChoice | undefined;
  const chosen = () => choice?.chosen.settings ?? planned.settings;
  const prepared = () => ({ ...planned, settings: chosen() });
  const learned = { train: split.train, ...(features && { features }), validation };
  /** Students learn from what serving reads of a history; the teacher from all of it. */
  const read = (histories: Csr) => newestKnown(split, histories, planned.settings.maxHistory);
  const shown = { ...learned, train: read(split.train) };
  /** The pairs that the student learns from, and so its controls. */
  const taught = stored || !learnsFromTeacher(planned.settings) ? shown.train : read(studentHistories(split));
  const hashFor = (teacher: object) => hashOfTeacher(run, planned, teacher);
  const teacherHash = hashFor(identityOf(planned.settings.teacher, found));
  const identity = () => [teacherHash, chosen()];
  const setup = (context: TrainingContext) => ({
    ...{ settings: planned.settings.teacher, found, hashFor, stages, stage: 'teacher', context, logger },
  });
  const listsHash = () => {
    const { thinned } = chosen().distillation;
    return thinned ? hashOf(teacherHash, { thinned }) : teacherHash;
  };

  return {
    get identity() {
      return identity();
    },
    teach: async ({ fit }) => obtainTeacher(setup({ ...(await fit()), ...learned })),
    async transfer({ teacher, trajectories }, fit) {
      const ways = { split, unlisted: dataset, train: shown.train };
      choice ??= await chooseStudent(teacher, planned.candidates, ways, fit);
      const catalogued = {
        ...{ histories: taught, listless: dataset.seen?.pairs },
        ...{ catalogue: data.catalogue, items: dataset.items },
      };
      return thenNewItems(
        run,
        catalogued,
        await startDistilled(
          teacher,
          chosen(),
          {
            ...fit,
            ...shown,
            warn: run.warn,
            // The curve of a successor is taken on the validation pairs: they are not for its training then.
            ...(stored
              ? { measure: validation?.metric }
              : { histories: taught, measure: createMeasurement(split, rng.fork('curve'), dataset) }),
          },
          { cache: stages.outputs(listsHash()), ...(trajectories && { trajectories }) },
        ),
      );
    },
    controls: [{ train: (_, fit) => trainControls(chosen(), { ...fit, ...shown }, taught) }],
    async assess({ teacher: obtained, student, controls: [controls], repeats }, advance) {
      const { teacher } = obtained;
      const settings = chosen();
      const assessment = await assess(
        {
          teacher,
          student,
          controls: controls!,
          ...(await earlierVersions(run, prepared())),
          repeats: repeats.map((one) => ({ student: one.student, controls: one.controls[0]! })),
        },
        { split, ...data },
        {
          ...settings,
          timedAnswers: run.timedAnswers,
          taughtOnTraining: stored !== undefined || !learnsFromTeacher(settings),
          unseenShare: spec.evaluation.unseenUsers ?? 0,
          seeds: seedsOf(spec.distillation.seed, repeats),
          onRanked: namedAnswers(run.onAnswer, dataset),
        },
        rng.fork('bootstrap'),
        advance,
      );
      const studentBytes = assessment.models.find(({ name }) => name === 'student')!.bytes;
      const sizes = { teacherBytes: teacher.bytes, studentBytes };
      const warnings = [...sizeWarnings([settings], sizes), ...choiceWarnings(choice)];
      for (const warning of warnings) run.warn(warning);
      const trained = { student, controls: controls!, tried: choice?.tried };
      const report = reportRanking({ spec, ...prepared() }, obtained, trained, assessment);
      return { report, summary: summaryOf(report) };
    },
    storable: ({ teacher }) => [teacher],
    learned: () => learnedFile(run, planned, dataset, { teacher: split.train, student: taught }),
    pack: ({ weights }, report, draft) =>
      packScored(
        { weights, items: dataset.items, weighting, maxHistory: planned.settings.maxHistory },
        report,
        draft,
      ),
    whole: (models) => refitRanking(run, prepared(), { identity: identity(), setup }, models),
  };
}

/** Hash of all that the weights of a teacher depend on; the student's also depend on the rest of the settings. */
function hashOfTeacher(
  { spec, engine }: Run,
  { data: { dataset, features }, settings, learned }: PreparedRanking,
  teacher: object,
): string {
  return hashOf(CODE_VERSION, engine.report.name, dataset.hash, spec.dataset.split, spec.distillation.seed, {
    teacher,
    patience: settings.patience,
    unseenUsers: spec.evaluation.unseenUsers,
    ...(learned && { learnedBefore: learned.hash }),
    ...(features && { features: features.hash }),
  });
}
