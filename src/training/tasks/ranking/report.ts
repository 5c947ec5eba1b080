import { describeSplit } from '../../../dataset/split/describe-split.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { atTen } from '../../../evaluation/verdict/headline.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import type { ReportBody } from '../../report.ts';
import { type FoundTeacher, storedOf } from '../../teachers/find-teacher.ts';
import { takenOutReport } from '../../teachers/learned-before.ts';
import type { RankingTeacher } from '../../teachers/teacher-setup.ts';
import type { Assessment } from './assess.ts';
import type { DislikesTrial } from './choose-dislikes.ts';
import type { RecencyTrial } from './choose-recency.ts';
import type { StudentChoice } from './choose-student.ts';
import { ensembleReport } from './ensemble-report.ts';
import type { TrainingSettings } from './plan.ts';
import type { RankingControls } from './train-controls.ts';
import type { TrainedStudent } from './train-student.ts';
import type { TrainingData } from './training-data.ts';
import { transferReport } from './transfer-report.ts';

interface ReportParts {
  spec: CompleteDistillation;
  data: TrainingData;
  split: Split;
  found: FoundTeacher;
  settings: TrainingSettings;
  weighting: Weighting;
  recencyTried?: RecencyTrial[];
}

/** @param obtained the teacher, with what training chose where the plan left it open */
export function reportRanking(
  { spec, data, split, found, settings, weighting, recencyTried }: ReportParts,
  obtained: RankingTeacher,
  {
    student,
    controls,
    choice,
    dislikesTried,
    renewed,
  }: {
    student: TrainedStudent;
    controls?: RankingControls | undefined;
    choice?: StudentChoice | undefined;
    dislikesTried?: readonly DislikesTrial[] | undefined;
    renewed?: object | undefined;
  },
  assessment: Assessment,
): ReportBody {
  const { dataset } = data;
  const { teacher } = obtained;
  const { stored, remapped, imported } = found;
  const histories = { student: student.fit.history, control: controls?.alone.fit.history ?? [] };
  const ensemble = ensembleReport(obtained, found, assessment.members, student.curriculum);
  const { startMetric } = student;
  return {
    headlineMetric: atTen('ndcg', settings.ks),
    models: assessment.models,
    comparison: assessment.comparison,
    histories: assessment.histories,
    ...(assessment.seeds && { seeds: assessment.seeds }),
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: dataset.matrix.indices.length,
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: split.test.indices.length,
      testUsers: assessment.testUsers,
      ...(assessment.sampled && { testUsersInAll: assessment.sampled.of }),
      split: describeSplit(split.instead?.plan ?? spec.dataset.split, spec.distillation.seed),
      hash: dataset.hash,
      ...takenOutReport(storedOf(found), split.takenOut),
    },
    protocol: assessment.protocol,
    ...(assessment.sets && { sets: assessment.sets }),
    ...(assessment.examples && { examples: assessment.examples }),
    ...(imported && {
      teacherCoverage: { ...imported.coverage, testUsersWithList: assessment.testUsersOfTeacher },
    }),
    studentBeforeTraining: startMetric === undefined ? null : { 'ndcg@10': startMetric },
    ...(stored && remapped && { transfer: transferReport(stored, remapped, histories) }),
    ...(ensemble && { ensemble }),
    ...(student.newItems && { newItems: student.newItems }),
    settings: {
      ...settings,
      chosenTeacher: teacher.settings,
      ...(controls && { controlsTried: controls.best.tried }),
      ...(choice && { studentChosen: choice.chosen.name, studentsTried: choice.tried }),
      ...(dislikesTried && { dislikesTried }),
      ...(split.recency !== undefined && { recency: split.recency }),
      ...(recencyTried && { recencyTried }),
      ...(renewed && { renewed }),
      ...(teacher.tried ? { teachersTried: teacher.tried } : {}),
      weighting,
      filter: filterOf(spec),
      ...describeSide(spec, teacher, data, student),
    },
  };
}

/** Describes the features that there are, and who reads them. */
function describeSide(
  spec: CompleteDistillation,
  teacher: Teacher,
  { said, cold }: Pick<TrainingData, 'said' | 'cold'>,
  { coldUsers }: TrainedStudent,
) {
  if (!said) return {};
  const { items, users } = said;
  const of = (input: typeof users) =>
    input && { fields: input.encoding.fields.map(({ name }) => name), columns: input.encoding.known.length };
  return {
    features: {
      ...spec.features,
      items: of(items),
      users: of(users),
      ...(coldUsers && { coldUsers }),
      teacherReads: teacher.reads ?? { items: false, users: false },
      ...(cold && { coldItems: { items: cold.ids.length, pairs: cold.pairs.indices.length } }),
    },
  };
}

/** Returns the filter as the job says it, so that it can be said again. */
function filterOf({ dataset }: CompleteDistillation) {
  const { since, until, context, sample, minInteractions } = dataset;
  return { since, until, context, sample, minInteractions };
}
