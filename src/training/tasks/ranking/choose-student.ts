import type { Rng } from '../../../core/rng.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import { type Csr, columnSums, rowLength, selectRows } from '../../../dataset/matrix.ts';
import type { Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { historyFor, newestKnown, type Split } from '../../../dataset/split/split.ts';
import { copiesOf } from '../../../dataset/thinned.ts';
import { createListsInMemory, type OutputsCache } from '../../../distillation/lists/teacher-outputs.ts';
import { evaluate, evaluatedUsers } from '../../../evaluation/evaluate.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { partOf } from '../../run/part-of.ts';
import type { Fit } from '../../run/run.ts';
import type { TrainingSettings } from './plan.ts';
import type { StudentCandidate } from './plan-candidates.ts';
import { studentRanker, teacherRanker } from './rankers.ts';
import { startDistilled } from './train-student.ts';

/** Users of each kind that are asked; with fewer than the least nothing is chosen, as their figures would be noise. */
const MOST_ASKED = 1000;
const LEAST_ASKED = 100;
/** The greatest share of the users with validation pairs that is taken out for the choice. */
const TAKEN_OUT = 0.2;
/** Histories that the candidates are taught on. */
const MOST_TAUGHT = 4000;
/** Share of its updates that each candidate is given, of so many at most. */
const EARLY = 0.25;
const MOST_UPDATES = 600;
const K = 10;

export interface StudentTrial {
  student: string;
  /** NDCG@10 by that of the teacher: for histories that the student was taught on, and for users whom it never saw; null without such. */
  known: number | null;
  unseen: number | null;
  /** The mean of the two, by which is chosen. */
  score: number;
}

export interface StudentChoice {
  chosen: StudentCandidate;
  tried: StudentTrial[];
}

export interface ChoiceData {
  split: Split;
  unlisted: Unlisted;
  /** [users, items] training pairs as a student is taught them. */
  train: Csr;
}

/**
 * Chooses how the student is made, by early signs: each candidate is taught for a part of its epochs on a sample of users, from
 * which some were taken out. On the validation pairs it is asked about those, and about users whom it was taught on, so that
 * neither a student that knows its users by heart wins nor one that knows nobody well. The test part has no say.
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
  const { split } = data;
  const parts = partUsers(data, fit.rng.fork('student-choice'));
  if (!parts) return undefined;
  const train = selectRows(data.train, parts.taught);
  const measure = createMeasure(teacher, data, parts.asked, candidates[0]!.settings.maxHistory);
  const tried: StudentTrial[] = [];
  /** Candidates with as many copies are taught the same histories. */
  const lists = new Map<number, OutputsCache>();
  for (const [i, { name, settings }] of candidates.entries()) {
    const part = partOf(fit, i / candidates.length, (i + 1) / candidates.length, `choice: ${name}`);
    const { resume: _, ...context } = { ...part, rng: fit.rng.fork('student-choice') };
    const soon = early(settings, split.train, train);
    const copies = soon.distillation.thinned ?? 0;
    const cache = lists.get(copies) ?? createListsInMemory();
    lists.set(copies, cache);
    const start = await startDistilled(teacher, soon, { ...context, train }, { cache });
    const student = await start(context);
    student.dispose();
    const { scores } = studentRanker(name, createStudentScorer(student.weights));
    tried.push({ student: name, ...(await measure(scores)) });
  }
  const best = tried.reduce((top, { score }, i) => (score > tried[top]!.score ? i : top), 0);
  return { chosen: candidates[best]!, tried };
}

/** The settings for a part of the updates on a sample: fewer copies do for fewer updates. */
function early(settings: TrainingSettings, all: Csr, sample: Csr): TrainingSettings {
  const { distillation } = settings;
  const { epochs, batchSize, roundedEpochs, thinned = 0 } = distillation;
  if (epochs === 0) return settings;
  const some = Math.ceil(EARLY * thinned);
  const stepsOf = (rows: number, copies: number) => Math.ceil((rows + copiesOf(rows, copies)) / batchSize);
  const planned = epochs * stepsOf(usersWithHistory(all).length, thinned);
  const updates = EARLY * Math.min(MOST_UPDATES, planned);
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

interface UserParts {
  /** Rows of the training pairs. */
  taught: Int32Array;
  asked: Record<'known' | 'unseen', Int32Array>;
}

/** Users without a training pair, as with held-out users, are the unseen ones; else some are taken out. */
function partUsers({ split, unlisted, train }: ChoiceData, rng: Rng): UserParts | undefined {
  const hasPairs = (user: number) => rowLength(train, user) > 0;
  const all = rng.shuffle(evaluatedUsers(maskedFor(split, unlisted, 'validation').heldOut));
  const met = all.filter(hasPairs);
  const strangers = all.filter((user) => !hasPairs(user));
  const unseen =
    strangers.length >= LEAST_ASKED
      ? strangers.slice(0, MOST_ASKED)
      : met.slice(0, Math.min(MOST_ASKED, Math.floor(TAKEN_OUT * met.length)));
  if (unseen.length < LEAST_ASKED) return undefined;
  const out = new Set(unseen);
  const users = Int32Array.from({ length: train.rows }, (_, user) => user);
  const rest = users.filter((user) => hasPairs(user) && !out.has(user));
  const taught = rng.shuffle(rest).slice(0, MOST_TAUGHT).sort();
  const isTaught = new Set(taught);
  const known = met.filter((user) => isTaught.has(user)).slice(0, MOST_ASKED);
  return { taught, asked: { unseen, known: known.length >= LEAST_ASKED ? known : known.slice(0, 0) } };
}

type Scores = (histories: Csr) => Float32Array;

function createMeasure(
  teacher: Teacher,
  { split, unlisted }: ChoiceData,
  asked: UserParts['asked'],
  maxHistory: number,
): (scores: Scores) => Promise<Omit<StudentTrial, 'student'>> {
  const { known, heldOut, hidden } = maskedFor(split, unlisted, 'validation');
  const shown = newestKnown(split, historyFor(split, 'validation'), maxHistory);
  const popularity = columnSums(split.train);
  async function ndcgOf(users: Int32Array, scores: Scores): Promise<number | null> {
    if (users.length === 0) return null;
    const [histories, mask, wanted] = [shown, known, heldOut].map((pairs) => selectRows(pairs, users));
    const part = { histories: histories!, known: mask!, heldOut: wanted!, hidden, popularity };
    const { outcomes } = await evaluate([{ name: 'tried', scores }], part, { ks: [K], losses: false });
    const ndcg = outcomes[0]!.metrics[`ndcg@${K}`]!;
    return ndcg.reduce((sum, x) => sum + x, 0) / ndcg.length;
  }
  const both = async (scores: Scores) =>
    [await ndcgOf(asked.known, scores), await ndcgOf(asked.unseen, scores)] as const;
  let ofTeacher: Awaited<ReturnType<typeof both>> | undefined;
  return async (scores) => {
    ofTeacher ??= await both(teacherRanker(teacher).scores);
    const own = await both(scores);
    const share = (i: 0 | 1) => (own[i] === null ? null : own[i] / (ofTeacher![i] || 1));
    const shares = { known: share(0), unseen: share(1) };
    const there = Object.values(shares).filter((value) => value !== null);
    return { ...shares, score: there.reduce((sum, value) => sum + value, 0) / there.length };
  };
}
