import { quantizeRows } from '../../artifact/student/quantize.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { createRng } from '../../core/rng.ts';
import { type Csr, columnSums, rowItems, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { EncodedSide } from '../../dataset/side-inputs.ts';
import { ndcgAt } from '../../evaluation/metrics.ts';
import { addRows, bagOf } from '../../features/compose.ts';
import { createStudentScorer } from '../../scoring/student-scorer.ts';
import { fitUsers } from './fit-users.ts';

/** How users who were left out are answered by their features alone and by popularity: means of NDCG@20. */
export interface NewUsersFigures {
  users: number;
  student: number;
  popularity: number;
  /** True where features are better by more than noise, and answer; else popularity does. */
  used: boolean;
  /** Ridge of the map from features to vectors; unset where features were a part of training. */
  ridge?: number;
}

export interface NewUsersData {
  /** [users, items] that the student was taught on. */
  histories: Csr;
  /** Encoded features of the users, the bags [users, columns]. */
  users: EncodedSide;
}

const PLACES = 20;
const FOLDS = 5;
/** By rows of length 1: so many users must say the same for half of it to be believed. */
const RIDGES = [3, 10, 30, 100];
/** Fewer users tell nothing. */
const FEWEST = 30;
/** More of them add time and little else. */
const MOST_FITTED = 50_000;
const MOST_ASKED = 3000;
/** Standard errors by which features must be better than popularity. */
const SURE = 2;

/**
 * Fits vectors of users of whom only features are known, and uses them where users who were left out of the fit are answered better
 * than by popularity. The student itself knows all of them; its items are the only thing that is taken from it.
 * @returns no figures where there are too few users to tell
 */
export function learnNewUsers(
  weights: StudentWeights,
  data: NewUsersData,
): { weights: StudentWeights; coldUsers?: NewUsersFigures } {
  const users = usersOf(data);
  if (users.length < FEWEST) return { weights };
  const asked = users.subarray(0, MOST_ASKED);
  const answers = askLeftOut(weights, data, users, asked.length);
  const [ridge, own] = bestOf(answers.byRidge);
  const { popularity, same } = answers;
  // The items know all users, so that what all have in common may gain by that: features must add to it.
  const used = isSure(own, popularity) && isSure(own, same);
  const coldUsers = { users: asked.length, student: mean(own), popularity: mean(popularity), used, ridge };
  return used ? withNewUsers(weights, data, coldUsers) : { weights, coldUsers };
}

/** [users asked] NDCG of each: by features with each ridge, by popularity, and by the vector that all have in common. */
interface Answers {
  byRidge: Map<number, number[]>;
  popularity: number[];
  same: number[];
}

/** Answers the first users, a part of them at a time, by a fit to all but that part. */
function askLeftOut(weights: StudentWeights, data: NewUsersData, users: Int32Array, asked: number): Answers {
  const { kernel } = createStudentScorer(weights);
  const answers: Answers = { byRidge: new Map(RIDGES.map((r) => [r, []])), popularity: [], same: [] };
  for (let fold = 0; fold < FOLDS; fold++) {
    const isLeft = (i: number) => i < asked && i % FOLDS === fold;
    const left = users.filter((_, i) => isLeft(i));
    const fitted = users.filter((_, i) => !isLeft(i));
    const ndcgOf = (list: Int32Array) => (user: number) => ndcgOfList(list, rowItems(data.histories, user));
    const listOf = (vector: Float32Array) => {
      const { rows, length } = kernel.topK(vector, PLACES);
      return rows.slice(0, length);
    };
    answers.popularity.push(...Array.from(left, ndcgOf(mostPopular(data.histories, fitted))));
    const maps = fitUsers(weights, pairsOf(data), fitted, RIDGES);
    answers.same.push(...Array.from(left, ndcgOf(listOf(maps[0]!.start))));
    for (const [r, { start, table }] of maps.entries()) {
      for (const user of left) {
        const vector = start.slice();
        addRows({ width: vector.length, values: table }, bagOf(data.users.bags, user), vector);
        answers.byRidge.get(RIDGES[r]!)!.push(ndcgOf(listOf(vector))(user));
      }
    }
  }
  return answers;
}

function bestOf(byRidge: Map<number, number[]>): [number, number[]] {
  return [...byRidge].reduce((a, b) => (mean(b[1]) > mean(a[1]) ? b : a));
}

/** Fits the same to the student of a refit: what the tested one showed stands. */
export function learnNewUsersAgain(
  weights: StudentWeights,
  data: NewUsersData,
  tested: NewUsersFigures | undefined,
): { weights: StudentWeights; coldUsers?: NewUsersFigures } {
  return tested?.used ? withNewUsers(weights, data, tested) : { weights };
}

function withNewUsers(weights: StudentWeights, data: NewUsersData, coldUsers: NewUsersFigures) {
  const [map] = fitUsers(weights, pairsOf(data), usersOf(data), [coldUsers.ridge!]);
  const { start, table } = map!;
  const { encoding } = data.users;
  const newUsers = {
    ...{ encoding, start },
    users: quantizeRows(table, encoding.known.length, start.length, 'int8'),
  };
  return { weights: { ...weights, features: { ...weights.features, newUsers } }, coldUsers };
}

const pairsOf = ({ histories, users }: NewUsersData) => ({ histories, side: users.bags });

/** Users with a history of whom something is known, in an order of chance. */
function usersOf({ histories, users: { bags } }: NewUsersData): Int32Array {
  const users = Int32Array.from({ length: histories.rows }, (_, user) => user).filter(
    (user) => rowLength(histories, user) > 0 && rowLength(bags, user) > 0,
  );
  return createRng(0).fork('new-users').shuffle(users).slice(0, MOST_FITTED);
}

/** The most popular items of some users. */
function mostPopular(histories: Csr, users: Int32Array): Int32Array {
  const sums = columnSums(selectRows(histories, users));
  const order = Int32Array.from(sums.keys()).sort((a, b) => sums[b]! - sums[a]! || a - b);
  return order.subarray(0, PLACES);
}

function ndcgOfList(list: Int32Array, items: Int32Array): number {
  const ranks = Array.from(items, (item) => list.indexOf(item)).map((at) => (at < 0 ? list.length : at));
  return ndcgAt(
    ranks.sort((a, b) => a - b),
    PLACES,
  );
}

/** Says whether one is better than the other by more than noise, user by user. */
function isSure(own: readonly number[], other: readonly number[]): boolean {
  const gains = own.map((ndcg, user) => ndcg - other[user]!);
  const gain = mean(gains);
  const variance = mean(gains.map((one) => (one - gain) ** 2));
  return gain > SURE * Math.sqrt(variance / gains.length);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
