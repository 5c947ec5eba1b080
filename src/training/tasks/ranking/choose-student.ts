import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../../core/errors.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { copiesOf } from '../../../dataset/thinned.ts';
import { createListsInMemory, type OutputsCache } from '../../../distillation/lists/teacher-outputs.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { partOf } from '../../run/part-of.ts';
import type { Fit } from '../../run/run.ts';
import { askAll, type ChoiceData, partUsers, type UserParts } from './asked-users.ts';
import { finalistsOf } from './finalists.ts';
import {
  type ByHistory,
  type Compared,
  type PerUser,
  pickStudent,
  type StudentTrial,
} from './pick-student.ts';
import type { TrainingSettings } from './plan.ts';
import type { StudentCandidate } from './plan-candidates.ts';
import { studentRanker, type TimedRanker, teacherRanker } from './rankers.ts';
import { startDistilled } from './train-student.ts';

/** Share of its updates that each candidate is given at first, and that of a finalist. */
const WORK = { early: 1 / 6, final: 1 };
const MOST_UPDATES = 600;
/** Copies of a history that do for so many updates on a sample: the same for all candidates, so that the teacher is asked once. */
const MOST_COPIES = { early: 1, final: 3 };
/** Share of the progress that the first round takes. */
const FIRST_ROUND = 0.3;

export interface StudentChoice {
  chosen: StudentCandidate;
  tried: StudentTrial[];
}

/**
 * Chooses how the student is made, by successive halving (Jamieson & Talwalkar, AISTATS 2016): each candidate is taught for a part of
 * its epochs on a sample of users, from which some were taken out. On the validation pairs it is asked about those, and about users
 * whom it was taught on, so that neither a student that knows its users by heart wins nor one that knows nobody well. Early signs only
 * drop what is far behind (see `finalistsOf`): the others are compared with one another, and with a control, after all of their work.
 * The test part has no say.
 * @returns undefined where nothing can be chosen: no validation pairs, or of too few users
 * @throws problem('cancelled')
 */
export async function chooseStudent(
  teacher: Teacher,
  candidates: readonly StudentCandidate[],
  data: ChoiceData,
  fit: Fit,
): Promise<StudentChoice | undefined> {
  if (candidates.length < 2 || teacher.listed) return undefined;
  const parts = partUsers(data, fit.rng.fork('student-choice'));
  if (!parts) return undefined;
  const trial = createTrials(
    teacher,
    { ...data, maxHistory: candidates[0]!.settings.maxHistory },
    parts,
    fit,
  );
  const share = (i: number) => (FIRST_ROUND * i) / candidates.length;
  const early: TimedRanker[] = [];
  for (const [i, one] of candidates.entries())
    early.push(await trial.train(one, WORK.early, share(i), share(i + 1)));
  const asked = await trial.ask(early);
  const all = candidates.map((one, i) => comparedOf(one, WORK.early, asked.students[i]!));
  const first = pickStudent(all, asked.teacher);
  const finalists = finalistsOf(
    first.trials.map((one, i) => ({ ...one, isControl: candidates[i]!.isControl })),
  );
  if (finalists.length === 0) return { chosen: candidates[first.picked]!, tried: first.trials };
  const trained: TimedRanker[] = [];
  for (const [i, one] of finalists.entries()) {
    const part = (at: number) => FIRST_ROUND + ((1 - FIRST_ROUND) * at) / finalists.length;
    trained.push(await trial.train(candidates[one]!, WORK.final, part(i), part(i + 1)));
  }
  const { students } = await trial.ask(trained);
  const after = all.map((one, i) => {
    const place = finalists.indexOf(i);
    return place < 0 ? one : comparedOf(candidates[i]!, WORK.final, students[place]!);
  });
  const left = [...candidates.keys()].filter((i) => finalists.includes(i) || candidates[i]!.isControl);
  const last = pickStudent(
    left.map((i) => after[i]!),
    asked.teacher,
  );
  const tried = first.trials.map((early, i) => last.trials[left.indexOf(i)] ?? early);
  return { chosen: candidates[left[last.picked]!]!, tried };
}

const comparedOf = (
  { name, isControl }: StudentCandidate,
  work: number,
  users: ByHistory<PerUser>,
): Compared => ({ student: name, work: isControl ? 1 : work, users });

/** Trains candidates on the sample and asks them, beside the teacher. */
export function createTrials(
  teacher: Teacher,
  data: ChoiceData & { maxHistory: number },
  { taught, asked }: UserParts,
  fit: Fit,
) {
  const train = selectRows(data.train, taught);
  /** Candidates with as many copies are taught the same histories. */
  const lists = new Map<string, OutputsCache>();
  const letIn = async () => {
    await breathe();
    if (fit.signal.aborted) throw problem('cancelled', 'training was cancelled', {}, fit.signal.reason);
  };
  return {
    /** Share of the updates by which early signs are told. */
    early: WORK.early,
    /** @param disliked [users, items] what the teacher's scores are lowered of, where the settings say so */
    async train(
      { name, settings, isControl }: StudentCandidate,
      work: number,
      from: number,
      to: number,
      disliked?: Csr,
    ) {
      const model = work === WORK.early || isControl ? `choice: ${name}` : `choice: ${name}, all of its work`;
      const { resume: _, ...part } = partOf(fit, from, to, model);
      const context = { ...part, rng: fit.rng.fork('student-choice') };
      const some = withWork(work, settings, data.split.train, train);
      const asked = {
        ...{ ...context, train, ...(data.fade && { fade: data.fade }) },
        ...(disliked && { disliked }),
      };
      const { thinned = 0, dislikes = 0 } = some.distillation;
      const key = `${thinned} ${dislikes}`;
      const cache = lists.get(key) ?? createListsInMemory();
      lists.set(key, cache);
      const student = await (await startDistilled(teacher, some, asked, { cache }))(context);
      student.dispose();
      return studentRanker(name, createStudentScorer(student.weights));
    },
    async ask(students: readonly TimedRanker[]) {
      const rankers = [teacherRanker(teacher), ...students];
      const [own, ...others] = await askAll(rankers, data, asked, letIn);
      return { teacher: { known: own!.known.ndcg, unseen: own!.unseen.ndcg }, students: others };
    },
  };
}

/** The settings for a share of the updates on a sample. */
function withWork(work: number, settings: TrainingSettings, all: Csr, sample: Csr): TrainingSettings {
  const { distillation } = settings;
  const { epochs, batchSize, roundedEpochs, thinned = 0 } = distillation;
  if (epochs === 0) return settings;
  const some = Math.min(thinned, work < WORK.final ? MOST_COPIES.early : MOST_COPIES.final);
  const stepsOf = (rows: number, copies: number) => Math.ceil((rows + copiesOf(rows, copies)) / batchSize);
  const planned = epochs * stepsOf(usersWithHistory(all).length, thinned);
  const updates = work * Math.min(MOST_UPDATES, planned);
  const own = Math.max(1, Math.ceil(updates / stepsOf(sample.rows, some)));
  return {
    ...settings,
    distillation: {
      ...distillation,
      epochs: own,
      roundedEpochs: Math.ceil((own * roundedEpochs) / epochs),
      ...(some > 0 && { thinned: some }),
    },
  };
}
