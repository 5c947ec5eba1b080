import { hashOf } from '../../../core/hash.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { faded } from '../../../dataset/split/newest.ts';
import { newestKnown, type Split, studentHistories } from '../../../dataset/split/split.ts';
import type { TrainingContext } from '../../../teacher/contract.ts';
import { namedAnswers } from '../../run/answered.ts';
import { packScored } from '../../run/pack.ts';
import { summaryOf } from '../../run/publish.ts';
import type { Run } from '../../run/run.ts';
import { type OpenTask, seedsOf, type Task } from '../../task.ts';
import { identityOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';
import { assess } from './assess.ts';
import { chooseStudent, type StudentChoice } from './choose-student.ts';
import { keepColdUsers } from './cold-users.ts';
import { earlierVersions } from './earlier.ts';
import { hashOfTeacher } from './hash-of-teacher.ts';
import { thenNewcomers } from './newcomers.ts';
import { type PreparedRanking, prepareRanking } from './prepare.ts';
import { withRecency } from './recency.ts';
import { learnedFile, refitRanking } from './refit.ts';
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
  const fading = fadingOf(split);
  /** The pairs that the student learns from, and so its controls. */
  const taught = stored || !learnsFromTeacher(planned.settings) ? shown.train : read(studentHistories(split));
  const grown = grownPairs(planned);
  const hashFor = (teacher: object) => hashOfTeacher(run, planned, teacher);
  const teacherHash = hashFor(identityOf(planned.settings.teacher, found));
  const identity = () => [teacherHash, chosen()];
  const setup = (context: TrainingContext) => ({
    ...{ settings: planned.settings.teacher, found, hashFor, stages, stage: 'teacher', context, logger },
  });
  const listsHash = () => {
    const { thinned } = chosen().distillation;
    const hash = grown ? hashOfGrown(teacherHash) : teacherHash;
    return thinned ? hashOf(hash, { thinned }) : hash;
  };

  return {
    get identity() {
      return identity();
    },
    teach: async ({ fit }) =>
      teach(
        run,
        {
          ...{ learned, hash: teacherHash, setup, ...(grown && { grown }) },
          async choose(teacher, own) {
            const ways = { split, unlisted: dataset, train: shown.train, ...fading };
            choice ??= await chooseStudent(teacher, planned.candidates, ways, own);
          },
        },
        await fit(),
      ),
    async transfer({ teacher, trajectories }, fit) {
      const catalogued = {
        ...{ histories: taught, listless: dataset.seen?.pairs },
        ...{ catalogue: data.catalogue, items: dataset.items },
      };
      return thenNewcomers(
        spec,
        catalogued,
        await startDistilled(
          teacher,
          chosen(),
          {
            ...fit,
            ...shown,
            ...fading,
            warn: run.warn,
            // The curve of a successor is taken on the validation pairs: they are not for its training then.
            ...(stored
              ? { measure: validation?.metric }
              : { histories: taught, measure: createMeasurement(split, rng.fork('curve'), dataset) }),
          },
          { cache: stages.outputs(listsHash()), ...(trajectories && { trajectories }) },
        ),
        (weights) => keepColdUsers(weights, { dataset, split }),
      );
    },
    controls: [{ train: (_, fit) => trainControls(chosen(), { ...fit, ...shown, ...fading }, taught) }],
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
      const warnings = [
        ...sizeWarnings([settings], sizes),
        ...choiceWarnings(choice),
        ...newcomerWarnings(student),
      ];
      for (const warning of warnings) run.warn(warning);
      const trained = { student, controls: controls!, tried: choice?.tried };
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
  // Untried where order counts.
  if (split.train.order) return undefined;
  const pairs = studentHistories(split);
  return pairs.indices.length > split.train.indices.length ? pairs : undefined;
}
