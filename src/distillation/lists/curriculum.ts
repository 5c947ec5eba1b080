import { emptyOutputs, type TeacherOutputs } from './teacher-outputs.ts';

/** One member of an ensemble, with its lists at several epochs of its training; own items are hidden in them. */
export interface CurriculumMember {
  share: number;
  /** Epochs of the member's training and its lists at that time: the easiest first, those of the trained member last. */
  stops: { epoch: number; lists: TeacherOutputs }[];
}

/** The account of a curriculum that the report gives. */
export interface CurriculumReport {
  /** The epochs of its training that were stopped at, for each member with a share. */
  stops: number[][];
  /** The mean place of the users among the stops of each member (0 the first, 1 the last), after some epochs of the student. */
  moves: { epoch: number; reached: number[] }[];
}

export interface Curriculum {
  /** Lists that are taught now. They are overwritten as users move on, so that whoever holds them sees the change. */
  lists: TeacherOutputs;
  /** Returns true where users may move on after this epoch of the student. */
  isDue(epoch: number): boolean;
  /** @param student [users, PLACES] the student's best items now, own ones hidden, -1 beyond the end */
  move(epoch: number, student: Int32Array): void;
  report(): CurriculumReport;
  state(): Record<string, Float32Array>;
  restore(state: Record<string, Float32Array>): void;
}

/** Places by which student and teacher are compared. */
export const PLACES = 50;
/** Ranks by which the gain of an item in that comparison falls to 1/e. */
const GAIN_FALLS = 10;
/**
 * The factor by which a student must have come nearer to the next stop before that is taught; it falls a little with every look.
 */
const ENOUGH = 1.05;
const ENOUGH_FALLS = 0.995;
/** Looks at the students, and the share of training after which all of them learn what the members say in the end. */
const LOOKS = 12;
const DONE = 0.6;

/**
 * Easy to hard (HetComp: Kang et al., WWW 2023, section 4.1): each user is taught the fusion of what the members said at a stop
 * of their training, and goes on to a member's next stop when the student has come nearer to that by `ENOUGH`, each member by
 * itself: D(next, student when the user came here) / D(next, student now) > 1.05. D is 1 less the DCG of the student's list
 * by that of the member's own, whose item at rank r gains 2^exp(-r/10) - 1.
 *
 * Theirs trains until it stops by itself; here the epochs are given, so that whoever has not arrived after `DONE` of them is
 * moved to the end. Their fusion weighs items by how steady their ranks are; this is that of the ensemble, by reciprocal ranks.
 */
export function createCurriculum(
  members: readonly CurriculumMember[],
  { constant, epochs, k }: { constant: number; epochs: number; k: number },
): Curriculum {
  const { users } = members[0]!.stops[0]!.lists;
  const every = Math.max(1, Math.floor((DONE * epochs) / LOOKS));
  const end = Math.ceil(DONE * epochs);
  const at = members.map(() => new Float32Array(users));
  // NaN: the student has not been looked at since the user came to the stop.
  const farness = members.map(() => new Float32Array(users).fill(Number.NaN));
  const made: CurriculumReport['moves'] = [];
  const lists = emptyOutputs(users, k, 'hidden');
  fuseAll();

  function fuseAll(): void {
    for (let user = 0; user < users; user++) fuse(lists, members, at, user, constant);
  }

  function note(epoch: number): void {
    made.push({
      epoch,
      reached: members.map(({ stops }, m) => {
        const last = stops.length - 1;
        if (last === 0) return 1;
        const sum = at[m]!.reduce((all, stop) => all + stop / last, 0);
        // As a checkpoint keeps it, so that a run that went on says the same.
        return Math.fround(sum / Math.max(1, users));
      }),
    });
  }

  function step(member: number, user: number, student: Int32Array, enough: number): boolean {
    const { stops } = members[member]!;
    const stop = at[member]![user]!;
    if (stop === stops.length - 1) return false;
    const now = discrepancy(stops[stop + 1]!.lists, user, student);
    const before = farness[member]![user]!;
    if (Number.isNaN(before)) farness[member]![user] = now;
    if (!(before > enough * now)) return false;
    at[member]![user] = stop + 1;
    const next = stops[stop + 2];
    farness[member]![user] = next ? discrepancy(next.lists, user, student) : 0;
    return true;
  }

  return {
    lists,
    isDue: (epoch) => epoch <= end && (epoch === end || epoch % every === 0),
    move(epoch, student) {
      const enough = ENOUGH * ENOUGH_FALLS ** (epoch / every);
      for (let user = 0; user < users; user++) {
        let isMoved = false;
        for (const [m, { stops }] of members.entries()) {
          if (epoch < end) isMoved = step(m, user, student, enough) || isMoved;
          else at[m]![user] = stops.length - 1;
        }
        if (isMoved || epoch >= end) fuse(lists, members, at, user, constant);
      }
      note(epoch);
    },
    report: () => ({ stops: members.map(({ stops }) => stops.map(({ epoch }) => epoch)), moves: made }),
    state: () => ({
      ...Object.fromEntries(at.map((values, m) => [`at.${m}`, values.slice()])),
      ...Object.fromEntries(farness.map((values, m) => [`farness.${m}`, values.slice()])),
      moves: Float32Array.from(made.flatMap(({ epoch, reached }) => [epoch, ...reached])),
    }),
    restore(state) {
      for (const [m, values] of at.entries()) values.set(state[`at.${m}`]!);
      for (const [m, values] of farness.entries()) values.set(state[`farness.${m}`]!);
      const width = members.length + 1;
      for (let from = 0; from < state.moves!.length; from += width) {
        const [epoch, ...reached] = state.moves!.subarray(from, from + width);
        made.push({ epoch: epoch!, reached });
      }
      fuseAll();
    },
  };
}

/** Weighted reciprocal ranks (Cormack et al., SIGIR 2009) of the lists at the members' stops. */
function fuse(
  into: TeacherOutputs,
  members: readonly CurriculumMember[],
  at: readonly Float32Array[],
  user: number,
  constant: number,
): void {
  const sums = new Map<number, number>();
  for (const [m, { share, stops }] of members.entries()) {
    const { k, ids } = stops[at[m]![user]!]!.lists;
    for (let rank = 0; rank < k && ids[user * k + rank]! >= 0; rank++) {
      const id = ids[user * k + rank]!;
      sums.set(id, (sums.get(id) ?? 0) + share / (constant + rank + 1));
    }
  }
  const best = [...sums].sort(([a, x], [b, y]) => y - x || a - b).slice(0, into.k);
  const from = user * into.k;
  into.ids.fill(-1, from, from + into.k);
  into.scores.fill(0, from, from + into.k);
  for (const [place, [id, sum]] of best.entries()) {
    into.ids[from + place] = id;
    into.scores[from + place] = sum;
  }
}

/** Returns the distance of a student's list from a member's: 0 for the same order, 1 where they share nothing. */
export function discrepancy(
  { k, ids }: Pick<TeacherOutputs, 'k' | 'ids'>,
  user: number,
  student: Int32Array,
): number {
  const gains = new Map<number, number>();
  let ideal = 0;
  for (let rank = 0; rank < Math.min(k, PLACES) && ids[user * k + rank]! >= 0; rank++) {
    const gain = 2 ** Math.exp(-rank / GAIN_FALLS) - 1;
    gains.set(ids[user * k + rank]!, gain);
    ideal += gain / Math.log2(rank + 2);
  }
  if (ideal === 0) return 0;
  let found = 0;
  for (let rank = 0; rank < PLACES; rank++) {
    const gain = gains.get(student[user * PLACES + rank]!);
    if (gain !== undefined) found += gain / Math.log2(rank + 2);
  }
  return 1 - found / ideal;
}
