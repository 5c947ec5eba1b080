import { drawOfId } from '../../core/id-hash.ts';
import { type Csr, rowLength, unionRows } from '../matrix.ts';
import { BLANK, type HistoryKind, NEWER, TAUGHT, UNSEEN } from './history-kinds.ts';
import type { Split } from './split.ts';
import { pairsOf } from './split-parts.ts';

const MOST_UNSEEN = 300;
const NEWER_SHARE = 0.25;
const MOST_NEWER = 1000;
/** Figures of fewer users say nothing, and so many are missed in training. */
const LEAST_DRAWN = 20;
/** The greatest evaluation.unseenUsers that there is. */
const MOST_SHARE = 0.5;
/**
 * The seed is the same for all jobs, so that a stored teacher or a successor of the same data left out the same users.
 */
const SEED = 0x5eed;

export interface KindsPlan {
  /** [users] their ids: lots are drawn by them. */
  users: readonly string[];
  /** Share of the test users to leave out of training, 0 for none. */
  unseenShare: number;
  /** Pairs of behaviours that no task predicts but the student reads, [users, items]. */
  context?: Csr | null;
}

/**
 * Draws users for each kind of history, and takes the pairs of the unseen ones out of all training: their training and
 * validation pairs become known pairs (FOLD_IN). Who is drawn follows from the ids alone. Users of whom nothing is trained on are
 * unseen as they are, for instance all test users of held-out-users. Whom a stored teacher has met is never unseen. None are drawn where they would be fewer than 20.
 *
 * @param splits of one set of users: one split, or one for each task
 * @returns the splits with their kinds, the same users in all of them
 */
export function holdOutUsers(splits: readonly Split[], plan: KindsPlan): Split[] {
  const kinds = drawKinds(splits, plan);
  return splits.map((split) => withoutUnseen({ ...split, kinds }));
}

function drawKinds(splits: readonly Split[], { users, unseenShare, context }: KindsPlan): Uint8Array {
  const kinds = new Uint8Array(users.length);
  const has = (parts: readonly (Csr | null | undefined)[], u: number) =>
    parts.some((part) => part && rowLength(part, u) > 0);
  const trainParts = [...splits.map(({ train }) => train), context];
  const testParts = splits.map(({ test }) => test);
  const otherHistory = splits.flatMap(({ foldIn, validation, validationIsHistory }) => [
    foldIn,
    validationIsHistory ? validation : null,
  ]);
  const isMet = (u: number) => splits.some(({ met }) => met?.[u] === 1);
  const trained: number[] = [];
  for (let u = 0; u < users.length; u++) {
    if (!has(testParts, u)) continue;
    if (has(trainParts, u)) trained.push(u);
    else kinds[u] = has(otherHistory, u) && !isMet(u) ? UNSEEN : BLANK;
  }
  const drawn = (label: string, candidates: readonly number[], wanted: number) => {
    const lots = new Map(candidates.map((u) => [u, drawOfId(`${label} ${users[u]}`, SEED)]));
    return [...candidates].sort((a, b) => lots.get(a)! - lots.get(b)! || a - b).slice(0, wanted);
  };
  // Drawn from all of them, so that they are those whom a version of the same data left out, who are few.
  const unseen = Math.min(MOST_UNSEEN, Math.round(unseenShare * trained.length));
  const strangers = drawn('unseen', trained, unseen).filter((u) => !isMet(u));
  if (strangers.length >= LEAST_DRAWN) for (const u of strangers) kinds[u] = UNSEEN;
  const later = splits.map(({ validation, validationIsHistory }) =>
    validationIsHistory ? validation : null,
  );
  const others = trained.filter((u) => kinds[u] === TAUGHT && has(later, u));
  const newer = Math.min(MOST_NEWER, Math.round(NEWER_SHARE * others.length));
  if (newer >= LEAST_DRAWN) for (const u of drawn('newer', others, newer)) kinds[u] = NEWER;
  return kinds;
}

function withoutUnseen(split: Split): Split {
  const { kinds, train, validation, foldIn, validationIsHistory } = split;
  const [seenTrain, unseenTrain] = parted(train, kinds);
  const [seenValidation, unseenValidation] = parted(validation, kinds);
  const known = unionRows(foldIn, unseenTrain);
  return {
    ...split,
    train: seenTrain,
    validation: seenValidation,
    foldIn: validationIsHistory ? unionRows(known, unseenValidation) : known,
    // Such pairs are never recommended, and no history either.
    ...(!validationIsHistory && { aside: unseenValidation }),
  };
}

/** Pairs of users who are not unseen, and of those who are. */
function parted(part: Csr, kinds: Uint8Array): [Csr, Csr] {
  return [pairsOf(part, (u) => kinds[u] !== UNSEEN), pairsOf(part, (u) => kinds[u] === UNSEEN)];
}

/**
 * Returns the kinds, [users], for a student that is taught on training pairs alone: every history that has validation pairs is
 * then newer than what was taught.
 */
export function kindsOfTraining({ kinds, validation, validationIsHistory }: Split): Uint8Array {
  if (!validationIsHistory) return kinds;
  return kinds.map((kind, u) => (kind === TAUGHT && rowLength(validation, u) > 0 ? NEWER : kind));
}

/**
 * Returns for each user whether the main tables count him: everybody but unseen users, or all where there are no others.
 * @param test [users, items] the held-out pairs
 */
export function countedUsers(kinds: Uint8Array, test: Csr): (user: number) => boolean {
  const someKnown = kinds.some((kind, u) => kind !== UNSEEN && rowLength(test, u) > 0);
  return (user) => !someKnown || kinds[user] !== UNSEEN;
}

/** Says why a split has no test users of a kind. */
export function whyNoUsers(
  kind: HistoryKind,
  split: Pick<Split, 'test' | 'kinds' | 'validationIsHistory' | 'met'>,
  unseenShare: number,
): string {
  const { test, kinds, validationIsHistory } = split;
  const tested = kinds.reduce((sum, _, u) => sum + Number(rowLength(test, u) > 0), 0);
  const few = `of ${tested} test users fewer than ${LEAST_DRAWN} would be drawn`;
  if (kind === 'unseen') {
    return unseenShare === 0
      ? 'evaluation.unseenUsers is 0: every user is trained on'
      : whyNoStrangers(split, tested, few);
  }
  if (kinds.every((one, u) => one === UNSEEN || rowLength(test, u) === 0)) {
    return 'nothing of the test users is trained on';
  }
  if (kind === 'taught') {
    return 'the student is taught on training pairs alone, and every test user has validation pairs since';
  }
  return validationIsHistory ? few : 'validation pairs are no history when the test pairs are predicted';
}

function whyNoStrangers({ test, met }: Pick<Split, 'test' | 'met'>, tested: number, few: string): string {
  const known = met?.reduce((sum, one, u) => sum + Number(one === 1 && rowLength(test, u) > 0), 0) ?? 0;
  if (known === tested) return 'the version that teaches has learned from all test users';
  const strangers = known > 0 ? `, as the version that teaches has learned from ${known} of them` : '';
  const most = Math.min(MOST_SHARE * tested, tested - known);
  const more = most < LEAST_DRAWN ? '' : '; a greater evaluation.unseenUsers draws more';
  return `${few}${strangers}${more}`;
}
