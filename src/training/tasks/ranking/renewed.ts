import { fetchFile, parseJson } from '../../../artifact/store/read-folder.ts';
import type { ArtifactStore } from '../../../artifact/store/store.ts';
import { dequantizeRows } from '../../../artifact/student/quantize.ts';
import { REPORT_FILE } from '../../../artifact/student/student-tensors.ts';
import { isTied, type StudentWeights } from '../../../artifact/student/student-weights.ts';
import type { DataSize } from '../../../dataset/data-size.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { completeTeacher } from '../../../domain/teachers/teacher-spec.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { StudentSettings } from '../../../student/settings.ts';
import { solverParameter } from '../../../student/solve-users.ts';
import type { ModelValidation, Teacher } from '../../../teacher/contract.ts';
import type { Pace } from '../../../teacher/stored/warm-start.ts';
import type { NamedValues } from '../../../tensor/train/named-values.ts';
import type { StartAgain } from '../../run/start-again.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import { newItemsOf, type Renewal } from '../../teachers/renewal.ts';
import type { StoredTeacher } from '../../teachers/stored-teacher.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { planCandidates, type StudentCandidate } from './plan-candidates.ts';
import { planStudent } from './plan-student.ts';
import { previousRanker, teacherRanker } from './rankers.ts';

/** The share of the NDCG@10 of the version before by which its renewed teacher may be worse, before the whole search is done again. */
export const MARGIN = 0.05;
/** A student that goes on from the published one, which knows nearly all; the refit is where it meets what came since. */
const TESTED: Pace = { epochs: 0.1, rate: 0.5 };
const REFITTED: Pace = { epochs: 0.25, rate: 1 };

/** Choices that a job takes over from the version that it renews, and the plan for where these are no good any more. */
export interface RenewedPlan {
  settings: TrainingSettings;
  before: SearchedBefore;
  /** True where the data has grown so much since the search that all is searched for again. */
  isStale: boolean;
  /** The published student's parameters; undefined where the job asks for another shape. */
  student: NamedValues | undefined;
  /** Says why the student does not start from the published one. */
  changed?: string;
  /** The job as it would be without a version to go on from. */
  whole: { settings: TrainingSettings; candidates: StudentCandidate[] };
  tested: Pace;
  refitted: Pace;
}

/** The search that a version's choices come from, as its report has it. */
export interface SearchedBefore {
  /** Name of the way in which the student was made, where validation had chosen it. */
  way: string | null;
  /** Pairs of the data on which it was searched; null where the report does not say. */
  pairs: number | null;
}

/** Outcome of the comparison with the version before, on validation; metrics are null where there are no validation pairs. */
export interface RenewedVerdict {
  teacher: number | null;
  previous: number | null;
  margin: number;
  /** True where all was searched for again. */
  searchedAgain: boolean;
}

/** Choices that were made on less than two thirds of today's data are made anew: other teachers are best on more data. */
const GROWN = 1.5;

/** @throws problem('invalid-artifact') for a report that cannot be read */
export async function searchedBefore(
  artifacts: Pick<ArtifactStore, 'get'>,
  { artifact }: Pick<StoredTeacher, 'artifact'>,
): Promise<SearchedBefore> {
  const { settings = {}, data } = parseJson(
    await fetchFile(artifacts, artifact, REPORT_FILE),
    REPORT_FILE,
  ) as Partial<Report>;
  const renewed = settings.renewed as { takenOver?: boolean; searched?: SearchedBefore } | undefined;
  if (renewed?.takenOver && renewed.searched) return renewed.searched;
  return {
    way: (settings.studentChosen as string | undefined) ?? bestTried(settings),
    pairs: data?.interactions ?? null,
  };
}

/** Reports of before do not name the student that was chosen. */
function bestTried(settings: Report['settings']): string | null {
  const tried = (settings.studentsTried ?? []) as { student: string; score: number }[];
  if (tried.length === 0) return null;
  return tried.reduce((top, one) => (one.score > top.score ? one : top)).student;
}

/** @param pairs of today's data */
export function isOutgrown(before: SearchedBefore, pairs: number): boolean {
  return before.pairs !== null && pairs >= GROWN * before.pairs;
}

/**
 * Plans a job that renews a version: with its student's form and the way in which validation had it made, at today's size of the data.
 */
export function planRenewed(
  spec: CompleteDistillation,
  size: DataSize,
  { stored }: FoundTeacher,
  before: SearchedBefore,
  pairs: number,
): RenewedPlan {
  const open = { ...spec, teacher: completeTeacher({ kind: 'auto' }) };
  const whole = {
    settings: planTraining(open, size),
    candidates: planCandidates(open, size, {}),
  };
  const { distillation, alone, ...rest } =
    whole.candidates.find(({ name }) => name === before.way)?.settings ?? whole.settings;
  const { weights, manifest } = stored!.previous;
  const student = planStudent(open, size.items, manifest);
  const odd = differenceOf(student, weights);
  return {
    settings: { ...rest, distillation, alone, student, teacher: stored!.settings },
    before,
    isStale: isOutgrown(before, pairs),
    student: odd ? undefined : parametersOf(weights, student),
    ...(odd && {
      changed: `The student starts anew and not from that of version ${stored!.settings.version}: ${odd}`,
    }),
    whole,
    tested: TESTED,
    refitted: REFITTED,
  };
}

/** The first difference between a plan and a published student that keeps the one from starting as the other. */
function differenceOf(plan: StudentSettings, weights: StudentWeights): string | undefined {
  const published: Partial<Record<keyof StudentSettings, unknown>> = {
    dimensions: weights.itemsOut.width,
    hidden: weights.inner ? weights.userBias.length : null,
    tied: isTied(weights),
    user: weights.solver ? 'solved' : 'summed',
    normalization: weights.normalization,
    activation: weights.activation,
  };
  const planned: typeof published = { ...plan, user: plan.user ?? 'summed' };
  const name = (Object.keys(published) as (keyof StudentSettings)[]).find(
    (one) => planned[one] !== published[one],
  );
  return name && `the job has student.${name} ${planned[name]}, the published one ${published[name]}`;
}

/** The parameters of a published student by their names in training. */
function parametersOf(weights: StudentWeights, { tied, itemBias }: StudentSettings): NamedValues {
  const { itemsIn, itemsOut, userBias, solver, inner, itemBias: bias } = weights;
  return {
    ...(!tied && { itemsIn: { shape: [itemsIn.rows, itemsIn.width], values: dequantizeRows(itemsIn) } }),
    itemsOut: { shape: [itemsOut.rows, itemsOut.width], values: dequantizeRows(itemsOut) },
    userBias: { shape: [userBias.length], values: userBias },
    ...(solver && solverParameter(solver)),
    ...(inner && {
      inner: { shape: [userBias.length, inner.bias.length], values: inner.weights },
      innerBias: { shape: [inner.bias.length], values: inner.bias },
    }),
    ...(itemBias && { itemBias: { shape: [bias.length], values: bias } }),
  };
}

/** The published student as a start over the items of today; undefined where it cannot be one. */
export function renewedStart(
  { student, tested }: RenewedPlan,
  renewal: Renewal,
  all: Csr,
): StartAgain | undefined {
  return student && { weights: student, newItems: newItemsOf(renewal, all), pace: tested };
}

/** Compares a renewed teacher with the student of the version before on validation. */
export async function compareRenewed(
  teacher: Teacher,
  { previous }: Pick<StoredTeacher, 'previous'>,
  { oldRows }: Pick<Renewal, 'oldRows'>,
  validation: ModelValidation | undefined,
): Promise<RenewedVerdict> {
  if (!validation) return { teacher: null, previous: null, margin: MARGIN, searchedAgain: false };
  const before = previousRanker('previous', createStudentScorer(previous.weights), oldRows);
  const [own, theirs] = [
    await validation.metric(teacherRanker(teacher).scores),
    await validation.metric(before.scores),
  ];
  return { teacher: own, previous: theirs, margin: MARGIN, searchedAgain: own < (1 - MARGIN) * theirs };
}
