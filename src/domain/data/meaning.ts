import type { EventMeaning } from './event-meaning.ts';

/** One interaction of a user with an item, as far as its meaning goes. */
export interface Said {
  /** Null: nobody said what the type means, and so it does not count. */
  meaning: EventMeaning | null;
  value: number | null;
  /** Milliseconds, or null. */
  timestamp: number | null;
}

export type Word = 'liked' | 'disliked' | 'neither';

/** The outcome of all that a user said of an item. */
export interface Judgement {
  word: Word;
  /** How much the liking or the disliking counts; 0 for neither. */
  weight: number;
  /** True if lists for the user leave the item out. */
  seen: boolean;
}

const DAY_MS = 86_400_000;

/** Factor by which something that old counts: 2^(-age / halfLife); 1 without a time or a half-life. */
export function ageFactor(timestamp: number | null, now: number, halfLifeDays: number | null): number {
  if (halfLifeDays === null || timestamp === null) return 1;
  return 2 ** (-(Math.max(0, now - timestamp) / DAY_MS) / halfLifeDays);
}

/**
 * Amount that one interaction says for itself: above 0 an amount of liking, below 0 of disliking, 0 that it is neither or takes back what
 * there was. Of a quantity that is taken back the amount says how much, see `takenBack`.
 */
export function amountOf(meaning: EventMeaning, value: number | null): number {
  if (meaning.meaning === 'neutral' || meaning.meaning === 'ignored') return 0;
  const sign = meaning.meaning === 'negative' ? -1 : 1;
  const { as, negative, from } = meaning.value;
  const { scale } = meaning;
  if (value !== null && value === scale?.unrated) return 0;
  if (value === null || as === 'none') return sign;
  if (as !== 'threshold') return value >= 0 || negative === 'dislikes' ? sign * value : 0;
  const liked = from ?? scale?.likedFrom;
  if (liked === undefined || value >= liked) return 1;
  return scale && value < (scale.dislikedBelow ?? (scale.min + liked) / 2) ? -1 : 0;
}

/** How much of a quantity an interaction takes back: that of a return with a value, or of a purchase of -1; 0 for no part of it. */
function takenBack({ meaning, value: { as, negative } }: EventMeaning, value: number | null): number {
  if (value === null || (as !== 'linear' && as !== 'log1p')) return 0;
  if (meaning === 'neutral') return Math.abs(value);
  return value < 0 && negative !== 'dislikes' ? -value : 0;
}

/** The weight of an amount above 0. */
export function weightOfAmount({ weight, value }: EventMeaning, amount: number): number {
  return weight * (value.as === 'log1p' ? Math.log2(1 + amount) : amount);
}

interface Statement {
  kind: string;
  meaning: EventMeaning;
  /** Below 0 for disliking; 0 where it was taken back. */
  amount: number;
  timestamp: number | null;
}

export interface JudgeOptions {
  halfLifeDays?: number | null;
  /** The time that age is counted to. */
  now?: number;
}

/** Hears what a user said of one item, oldest first, and says after each what it comes to. Its memory is reused. */
export interface Judge {
  /** Forgets all that was said: the next item. @param now in place of that of the options */
  begin(now?: number): void;
  hear(said: Said): void;
  /** Judges what was heard until now; the object is overwritten by the next call. */
  judgement(): Readonly<Judgement>;
}

/**
 * The newest statement of each kind wins, or what `repeats` says. Disliking of any kind beats liking of every other one; of liking
 * the greatest weight counts.
 */
export function createJudge({ halfLifeDays = null, now: usualNow = 0 }: JudgeOptions = {}): Judge {
  const statements: Statement[] = [];
  let count = 0;
  let seen = false;
  let now = usualNow;
  const judged: Judgement = { word: 'neither', weight: 0, seen: false };

  function statementOf(kind: string, meaning: EventMeaning): Statement {
    for (let i = 0; i < count; i++) if (statements[i]!.kind === kind) return statements[i]!;
    const free = statements[count];
    const statement = free ?? { kind, meaning, amount: 0, timestamp: null };
    if (!free) statements.push(statement);
    statement.kind = kind;
    statement.meaning = meaning;
    statement.amount = 0;
    statement.timestamp = null;
    count++;
    return statement;
  }

  const weightOf = ({ meaning, amount, timestamp }: Statement) =>
    weightOfAmount(meaning, Math.abs(amount)) * ageFactor(timestamp, now, halfLifeDays);

  return {
    begin(at = usualNow) {
      now = at;
      count = 0;
      seen = false;
    },

    hear({ meaning, value, timestamp }) {
      if (meaning === null) return;
      if (meaning.seen) seen = true;
      if (meaning.meaning === 'ignored') return;
      const statement = statementOf(meaning.kind, meaning);
      const heard = heardAmount(
        statement,
        meaning,
        value,
        (amount) =>
          weightOfAmount(meaning, amount) * ageFactor(timestamp, now, halfLifeDays) > weightOf(statement),
      );
      if (heard === null) return;
      if (meaning.meaning !== 'neutral') statement.meaning = meaning;
      statement.amount = heard;
      statement.timestamp = timestamp;
    },

    judgement() {
      let liking = 0;
      let disliking = 0;
      for (let i = 0; i < count; i++) {
        const statement = statements[i]!;
        if (statement.amount > 0) liking = Math.max(liking, weightOf(statement));
        else if (statement.amount < 0) disliking = Math.max(disliking, weightOf(statement));
      }
      const isDisliked = disliking > 0;
      judged.word = isDisliked ? 'disliked' : liking > 0 ? 'liked' : 'neither';
      judged.weight = isDisliked ? disliking : liking;
      judged.seen = seen || isDisliked;
      return judged;
    },
  };
}

/** The amount of the statement once this was said too; null where it stays as it was. */
function heardAmount(
  before: Statement,
  meaning: EventMeaning,
  value: number | null,
  isGreater: (amount: number) => boolean,
): number | null {
  const back = takenBack(meaning, value);
  // Without an amount all is taken back; a part leaves the rest.
  if (back > 0) return before.amount > 0 ? Math.max(0, before.amount - back) : before.amount;
  if (meaning.meaning === 'neutral') return 0;
  const amount = amountOf(meaning, value);
  const isSameSide = Math.sign(amount) === Math.sign(before.amount);
  switch (meaning.repeats) {
    case 'newest':
      return amount;
    case 'greatest':
      if (amount === 0 || before.amount === 0) return amount === 0 ? null : amount;
      if (isSameSide) return isGreater(Math.abs(amount)) === amount > 0 ? amount : null;
      return amount > 0 ? amount : null;
    case 'sum':
      return amount === 0 ? null : (isSameSide ? before.amount : 0) + amount;
    case 'count':
      return amount === 0 ? null : (isSameSide ? before.amount : 0) + Math.sign(amount);
  }
}

/**
 * Judges all that a user said of an item.
 * @param rows oldest first; of equal times in the order of storage, and those without a time before all others
 */
export function judge(rows: Iterable<Said>, options?: JudgeOptions): Judgement {
  const { begin, hear, judgement } = createJudge(options);
  begin();
  for (const row of rows) hear(row);
  return { ...judgement() };
}
