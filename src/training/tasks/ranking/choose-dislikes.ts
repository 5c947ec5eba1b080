import { type Csr, columnSums, exceptRows, filterEntries, selectRows } from '../../../dataset/matrix.ts';
import { type DislikedPairs, seenBefore, type Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { askedWith, historyFor, type Split } from '../../../dataset/split/split.ts';
import { evaluate } from '../../../evaluation/evaluate.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import type { Fit } from '../../run/run.ts';
import { type ChoiceData, partUsers } from './asked-users.ts';
import { createTrials } from './choose-student.ts';
import type { TrainingSettings } from './plan.ts';
import { learnsFromTeacher } from './train-student.ts';

/** Standard deviations by which the teacher's scores of what is disliked are lowered; 0 leaves them. */
const TRIED = [0, 2, 5];
/** Share of the dislikes that is held out, to be found in lists or not. */
const HELD_OUT = 0.2;
/** With fewer of them chance decides. */
const LEAST_HELD_OUT = 100;
const K = 10;

export interface DislikesTrial {
  dislikes: number;
  /** NDCG@10 on validation. */
  metric: number;
  /** Held-out dislikes in the first ten of all asked users, of so many. */
  shown: number;
  heldOut: number;
}

/**
 * Decides by how much the teacher's scores of what users dislike are lowered before they teach: students that are taught for a part
 * of their work rank the catalogue for users with validation pairs, and dislikes that were held out may come up. Another amount
 * than 0 is taken only where fewer of them do and NDCG@10 is not below.
 * @returns nothing where there is too little to tell, or the student learns nothing from the teacher
 * @throws problem('cancelled')
 */
export async function chooseDislikes(
  teacher: Teacher,
  settings: TrainingSettings,
  data: ChoiceData,
  fit: Fit,
  warn: (message: string) => void,
): Promise<DislikesTrial[] | undefined> {
  const { split, unlisted } = data;
  const nothing = (why: string) =>
    warn(`distillation.dislikes auto tried nothing and lowers nothing: ${why}`);
  const disliked = unlisted.disliked && dislikedBy(unlisted.disliked, split, 'validation');
  if (!disliked) return void nothing('nobody dislikes anything');
  const isTaught = learnsFromTeacher(settings) && settings.distillation.epochs > 0;
  if (!isTaught || teacher.listed) return void nothing('the student is not taught by scores of a teacher');
  const rng = fit.rng.fork('dislikes-choice');
  const parts = partUsers(data, rng);
  if (!parts) return void nothing('too few users have validation pairs');
  const lots = disliked.indices.map(() => Number(rng.next() < HELD_OUT));
  const heldOut = filterEntries(disliked, (p) => lots[p] === 1);
  if (heldOut.indices.length < LEAST_HELD_OUT)
    return void nothing(
      `a fifth of what is disliked is ${heldOut.indices.length} pairs, and ${LEAST_HELD_OUT} are needed`,
    );
  const known = filterEntries(disliked, (p) => lots[p] === 0);
  const trial = createTrials(teacher, { ...data, maxHistory: settings.maxHistory }, parts, fit);
  const asked = Int32Array.from([...parts.asked.known, ...parts.asked.unseen]);
  const count = countsOf(data, asked, heldOut, settings.maxHistory);
  const tried: DislikesTrial[] = [];
  for (const [i, dislikes] of TRIED.entries()) {
    const own = { ...settings, distillation: { ...settings.distillation, dislikes } };
    const [from, to] = [i / TRIED.length, (i + 1) / TRIED.length];
    const candidate = { name: `dislikes ${dislikes}`, settings: own };
    const ranker = await trial.train(candidate, trial.early, from, to, known);
    tried.push({ dislikes, ...(await count(ranker)) });
  }
  return tried;
}

/** Returns the amount that trials speak for: the fewest dislikes of those whose NDCG@10 is not below that of none. */
export function bestDislikes(tried: readonly DislikesTrial[]): number {
  const none = tried.find(({ dislikes }) => dislikes === 0)!;
  const good = tried.filter(({ metric, shown }) => metric >= none.metric && shown < none.shown);
  return good.reduce((best, one) => (one.shown < best.shown ? one : best), none).dislikes;
}

/** Returns the settings with the amount that was chosen. */
export function withDislikes(
  settings: TrainingSettings,
  tried: readonly DislikesTrial[] | undefined,
): TrainingSettings {
  const dislikes = tried ? bestDislikes(tried) : 0;
  if (dislikes === 0) return settings;
  return { ...settings, distillation: { ...settings.distillation, dislikes } };
}

/** [users, items] what is known to be disliked when a part is predicted. */
export function dislikedBy(disliked: DislikedPairs, split: Split, part: 'validation' | 'test'): Csr {
  return seenBefore(disliked, split.until?.[part]);
}

function countsOf({ split, unlisted }: ChoiceData, users: Int32Array, disliked: Csr, maxHistory: number) {
  const { known, heldOut, hidden } = maskedFor(split, unlisted as Unlisted, 'validation');
  const shown = askedWith(split, historyFor(split, 'validation'), maxHistory);
  const part = (pairs: Csr) => selectRows(pairs, users);
  const wrong = part(disliked);
  const data = {
    ...{ histories: part(shown), known: part(exceptRows(known, disliked)), heldOut: part(heldOut) },
    ...{ hidden, popularity: columnSums(split.train) },
  };
  return async (ranker: Parameters<typeof evaluate>[0][number]) => {
    let found = 0;
    const { outcomes } = await evaluate([ranker], data, {
      ...{ ks: [K], losses: false },
      onRanked(_, user, list) {
        const own = new Set(wrong.indices.subarray(wrong.indptr[user]!, wrong.indptr[user + 1]!));
        for (const item of list.subarray(0, K)) found += Number(own.has(item));
      },
    });
    const ndcg = outcomes[0]!.metrics[`ndcg@${K}`]!;
    const metric = ndcg.reduce((sum, value) => sum + value, 0) / ndcg.length;
    return { metric, shown: found, heldOut: wrong.indices.length };
  };
}
