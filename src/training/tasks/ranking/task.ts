import { hashOf } from '../../../core/hash.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { faded } from '../../../dataset/split/newest.ts';
import { newestKnown, type Split, studentHistories } from '../../../dataset/split/split.ts';
import { findKind } from '../../../domain/teachers/teacher-spec.ts';
import type { TrainingContext } from '../../../teacher/contract.ts';
import { namedAnswers } from '../../run/answered.ts';
import { packScored } from '../../run/pack.ts';
import { summaryOf } from '../../run/publish.ts';
import type { Fit, Run } from '../../run/run.ts';
import { type OpenTask, seedsOf, type Task } from '../../task.ts';
import { thatRests } from '../../teachers/resting.ts';
import { identityOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';
import { asksWhileTraining } from './ask-teacher.ts';
import { assess } from './assess.ts';
import { chooseDislikes, type DislikesTrial, dislikedBy, withDislikes } from './choose-dislikes.ts';
import { chooseStudent, type StudentChoice } from './choose-student.ts';
import { earlierVersions } from './earlier.ts';
import { hashOfTeacher } from './hash-of-teacher.ts';
import { thenNewcomers } from './newcomers.ts';
import { type PreparedRanking, prepareRanking } from './prepare.ts';
import { withRecency } from './recency.ts';
import { learnedFile, refitRanking } from './refit.ts';
import { createRenewing } from './renewing.ts';
import { reportRanking } from './report.ts';
import { hashOfGrown, teach } from './teach.ts';
import { type RankingControls, trainControls } from './train-controls.ts';
import { type Fading, learnsFromTeacher, startDistilled, type TrainedStudent } from './train-student.ts';
import { createMeasurement } from './validation.ts';
import { choiceWarnings, newcomerWarnings, sizeWarnings } from './warnings.ts';

export type OpenRanking = OpenTask<RankingTeacher, TrainedStudent, RankingControls>;

/** The tasks single-label and sequential, and multi-label over items: every item is ranked from the history alone. */
export const ranking: Task<RankingTeacher, TrainedStudent, RankingControls> = {
  metric: 'ndcg@10',
  control: 'student-alone',
  open: async (run) => openRanking(run, await prepareRanking(run)),
};

// Long because its parts share the choice, which is made when the teacher is there.
export function openRanking(run: Run, planned: PreparedRanking): OpenRanking {
  const { spec, rng, stages, logger } = run;
  const { data, split, weighting, validation } = planned;
  const { dataset, features } = data;
  const renewing = createRenewing(run, planned);
  const stored = planned.renewed ? undefined : planned.found.stored;
  let choice: StudentChoice | undefined;
  let dislikesTried: DislikesTrial[] | undefined;
  const chosen = () => withDislikes(choice?.chosen.settings ?? renewing.current().settings, dislikesTried);
  const disliked = dataset.disliked && dislikedBy(dataset.disliked, split, 'test');
  const prepared = () => ({ ...renewing.current(), settings: chosen() });
  const learned = { train: split.train, ...(features && { features }), validation };
  /** Students learn from what serving reads of a history; the teacher from all of it. */
  const read = (histories: Csr) => newestKnown(split, histories, planned.settings.maxHistory);
  const shown = { ...learned, train: read(split.train) };
  const fading = fadingOf(split);
  /** The pairs that the student learns from, and so its controls. */
  const taught = stored || !learnsFromTeacher(planned.settings) ? shown.train : read(studentHistories(split));
  const grown = grownPairs(planned);
  const hashFor = (teacher: object) => hashOfTeacher(run, planned, teacher);
  const teacherHash = () => {
    const { settings, found } = renewing.current();
    return hashFor(identityOf(settings.teacher, found));
  };
  const identity = () => [teacherHash(), chosen()];
  const setup = (context: TrainingContext) => {
    const { settings, found } = renewing.current();
    return { settings: settings.teacher, found, hashFor, stages, stage: 'teacher', context, logger };
  };
  const listsHash = () => {
    const { thinned, dislikes } = chosen().distillation;
    const hash = grown ? hashOfGrown(teacherHash()) : teacherHash();
    if (dislikes) return hashOf(hash, { thinned, dislikes });
    return thinned ? hashOf(hash, { thinned }) : hash;
  };

  return {
    get identity() {
      return identity();
    },
    async teach({ fit }) {
      const obtained = await renewing.orAgain(async () =>
        teach(
          run,
          {
            ...{ learned, hash: teacherHash(), setup, parts: planned.teacherParts, ...(grown && { grown }) },
            async choose(teacher, own) {
              await renewing.compare(teacher);
              const ways = { split, unlisted: dataset, train: shown.train, ...fading };
              choice ??= await chooseStudent(teacher, renewing.current().candidates, ways, own);
              if (spec.distillation.dislikes === 'auto')
                dislikesTried ??= await chooseDislikes(teacher, chosen(), ways, own, run.warn);
              planned.expect(chosen());
            },
          },
          await fit(),
        ),
      );
      return thatRests(run, renewing.current().found, 'teacher', obtained);
    },
    async transfer(obtained, fit) {
      await obtained.wake?.();
      const { teacher, trajectories } = obtained;
      const catalogued = {
        ...{ histories: taught, listless: dataset.seen?.pairs },
        ...{ catalogue: data.catalogue, items: dataset.items, users: data.said?.users },
      };
      const training = await startDistilled(
        teacher,
        chosen(),
        {
          ...fit,
          ...shown,
          ...fading,
          warn: run.warn,
          ...(disliked && { disliked }),
          ...renewing.start(taught),
          // The curve of a successor is taken on the validation pairs: they are not for its training then.
          ...(stored
            ? { measure: validation?.metric }
            : { histories: taught, measure: createMeasurement(split, rng.fork('curve'), dataset) }),
        },
        { cache: stages.outputs(listsHash()), ...(trajectories && { trajectories }) },
      );
      if (!asksWhileTraining(chosen().distillation.losses)) await obtained.rest?.();
      return thenNewcomers(spec, catalogued, training, { ...fit, warn: run.warn }, { dataset, split });
    },
    // A version that is renewed has them in its report.
    get controls() {
      if (renewing.current().renewed) return [];
      const train = (_: RankingTeacher, fit: Fit) =>
        trainControls(chosen(), { ...fit, ...shown, ...fading }, taught);
      return [{ train }];
    },
    async assess({ teacher: obtained, student, controls: [controls], repeats }, advance) {
      await obtained.wake?.();
      const { teacher } = obtained;
      const settings = chosen();
      const assessment = await assess(
        {
          teacher,
          student,
          controls,
          ...(await earlierVersions(run, prepared())),
          repeats: repeats.map((one) => ({ student: one.student, controls: one.controls[0] })),
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
      const warnings = [
        ...sizeWarnings([settings], sizes),
        ...choiceWarnings(choice),
        ...newcomerWarnings(student),
      ];
      for (const warning of warnings) run.warn(warning);
      const trained = { student, controls, choice, dislikesTried, renewed: renewing.report() };
      const report = reportRanking({ spec, ...prepared() }, obtained, trained, assessment);
      return { report, summary: summaryOf(report) };
    },
    storable: ({ teacher }) => [teacher],
    learned: () => learnedFile(run, planned, dataset, { teacher: grown ?? split.train, student: taught }),
    pack: ({ weights }, report, draft) =>
      packScored(
        {
          ...{ weights: withRecency(weights, split), items: dataset.items },
          ...{ weighting, maxHistory: planned.settings.maxHistory },
        },
        report,
        draft,
      ),
    whole: (models) =>
      refitRanking(run, prepared(), { identity: identity(), setup, learned: grown ?? split.train }, models),
  };
}

function fadingOf({ newest, recency }: Split): { fade?: Fading } {
  if (!newest || recency === undefined) return {};
  return { fade: (histories) => faded(histories, newest, recency) };
}

/**
 * The pairs that the teacher learns when validation has chosen, or undefined where nothing was chosen or may be learned more: by a
 * teacher that was found, by one whose earlier epochs teach too, and where validation pairs are no history of the test.
 */
function grownPairs({ split, found, settings, validation }: PreparedRanking): Csr | undefined {
  const { teacher } = settings;
  const isCurriculum = 'combine' in teacher && teacher.combine === 'curriculum';
  if (!validation || found.ready || isCurriculum || !learnsFromTeacher(settings)) return undefined;
  // See teach.ts: it would stay as it is.
  if (split.train.order && findKind(teacher.kind)?.inEpochs) return undefined;
  const pairs = studentHistories(split);
  return pairs.indices.length > split.train.indices.length ? pairs : undefined;
}
