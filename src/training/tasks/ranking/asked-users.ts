import type { Rng } from '../../../core/rng.ts';
import { withDisliked } from '../../../dataset/disliked-histories.ts';
import { type Csr, columnSums, rowLength, selectRows } from '../../../dataset/matrix.ts';
import type { Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { askedWith, historyFor, type Split } from '../../../dataset/split/split.ts';
import { evaluate, evaluatedUsers, type Ranker } from '../../../evaluation/evaluate.ts';
import type { ByHistory, PerUser } from './pick-student.ts';
import type { Fading } from './train-student.ts';

/** Users of each kind that are asked; with fewer than the least nothing is chosen, as their figures would be noise. */
const MOST_ASKED = 1000;
const LEAST_ASKED = 100;
/** The greatest share of the users with validation pairs that is taken out for the choice. */
const TAKEN_OUT = 0.2;
/** Histories that the candidates are taught on. */
const MOST_TAUGHT = 4000;
const K = 10;

export interface ChoiceData {
  split: Split;
  unlisted: Unlisted;
  /** [users, items] training pairs as a student is taught them. */
  train: Csr;
  fade?: Fading;
}

export interface UserParts {
  /** Rows of the training pairs. */
  taught: Int32Array;
  asked: ByHistory<Int32Array>;
}

/** Users without a training pair, as with held-out users, are the unseen ones; else some are taken out. */
export function partUsers({ split, unlisted, train }: ChoiceData, rng: Rng): UserParts | undefined {
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

/**
 * Asks rankers about the validation pairs of both kinds of users, all of them in one pass.
 * @param rankers the teacher first
 * @param breathe called on the way, for cancelling
 * @returns of each ranker in turn; the teacher shares nothing with itself
 */
export async function askAll(
  rankers: readonly Ranker[],
  { split, unlisted, maxHistory }: ChoiceData & { maxHistory: number },
  asked: UserParts['asked'],
  breathe: () => Promise<void>,
): Promise<ByHistory<PerUser>[]> {
  const { known, heldOut, hidden } = maskedFor(split, unlisted, 'validation');
  const shown = withDisliked(
    askedWith(split, historyFor(split, 'validation'), maxHistory),
    unlisted.disliked,
    split.until?.validation,
  );
  const popularity = columnSums(split.train);
  const none = new Float64Array(0);
  async function ofKind(users: Int32Array): Promise<PerUser[]> {
    if (users.length === 0) return rankers.map(() => ({ ndcg: none, shared: none }));
    const [histories, mask, wanted] = [shown, known, heldOut].map((pairs) => selectRows(pairs, users));
    const part = { histories: histories!, known: mask!, heldOut: wanted!, hidden, popularity };
    const { outcomes } = await evaluate(rankers, part, { ks: [K], losses: false, onBatch: breathe });
    return outcomes.map(({ metrics, fidelity }) => ({
      ndcg: metrics[`ndcg@${K}`]!,
      shared: fidelity[`overlap@${K}`] ?? none,
    }));
  }
  const ofKnown = await ofKind(asked.known);
  const ofUnseen = await ofKind(asked.unseen);
  return rankers.map((_, i) => ({ known: ofKnown[i]!, unseen: ofUnseen[i]! }));
}
