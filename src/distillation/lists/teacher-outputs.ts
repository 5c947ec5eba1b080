import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { fromHalf, toHalf } from '../../core/half.ts';
import { usersWithHistory } from '../../dataset/batches.ts';
import { type Csr, rowIdOf, rowItems, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { Teacher } from '../../teacher/contract.ts';
import type { Engine } from '../../tensor/engine.ts';
import { hiddenItems } from './hidden-items.ts';

export type OwnItems = 'hidden' | 'visible';

/**
 * The teacher's lists: for every user the best items in order, computed once and used in every epoch. Plain arrays, so that
 * they can be kept on disk under the teacher's hash and `k` and `ownItems`.
 */
export interface TeacherOutputs {
  users: number;
  /** Places per user. */
  k: number;
  /** Says whether a list may hold the user's own items, and items that the teacher does not know. */
  ownItems: OwnItems;
  /** [users * k], best first, -1 beyond the end of a shorter list. */
  ids: Int32Array;
  /** [users * k] the teacher's scores, 0 beyond the end: the best one's, less a distance in half precision. */
  scores: Float32Array;
  /** Mean and deviation of the teacher's scores over the catalogue, [users]; for scores that are standardized. */
  mean: Float32Array;
  deviation: Float32Array;
}

/** A cache that keeps outputs from one run to the next; without it they are computed again. */
export interface OutputsCache {
  load(key: { k: number; ownItems: OwnItems }): Promise<TeacherOutputs | undefined>;
  save(outputs: TeacherOutputs): Promise<void>;
}

const BATCH = 256;

export async function computeOutputs(
  engine: Engine,
  teacher: Pick<Teacher, 'scores' | 'listed' | 'unknown'>,
  train: Csr,
  k: number,
  ownItems: OwnItems,
  signal: AbortSignal,
  tell: (done: number) => void = () => {},
): Promise<TeacherOutputs> {
  const users = train.rows;
  const outputs = emptyOutputs(users, k, ownItems);
  if (teacher.listed) return roundScores(takeListed(teacher.listed, train, outputs));
  // No batch has a user without a history.
  const asked = usersWithHistory(train);
  for (let from = 0; from < asked.length; from += BATCH) {
    const rows = asked.subarray(from, from + BATCH);
    addBatch(engine, teacher, selectRows(train, rows), rows, outputs);
    tell((from + rows.length) / asked.length);
    await breathe();
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
  }
  return roundScores(outputs);
}

/** Lists on which nothing stands. */
export function emptyOutputs(users: number, k: number, ownItems: OwnItems): TeacherOutputs {
  return {
    users,
    k,
    ownItems,
    ids: new Int32Array(users * k).fill(-1),
    scores: new Float32Array(users * k),
    mean: new Float32Array(users),
    deviation: new Float32Array(users).fill(1),
  };
}

/** A cache for a while, in memory. */
export function createListsInMemory(): OutputsCache {
  const kept = new Map<string, TeacherOutputs>();
  const keyOf = ({ k, ownItems }: Pick<TeacherOutputs, 'k' | 'ownItems'>) => `${k} ${ownItems}`;
  return {
    load: async (key) => kept.get(keyOf(key)),
    save: async (outputs) => void kept.set(keyOf(outputs), outputs),
  };
}

/** Rounds the scores as the cache keeps them, so that a student is the same whether its teacher's lists were cached or not. */
function roundScores(outputs: TeacherOutputs): TeacherOutputs {
  outputs.scores = scoresBelow(outputs, distances(outputs));
  return outputs;
}

/** Returns how far each score is below the best of its list, [users * k] in half precision: exact where it matters most. */
export function distances({ k, ids, scores }: TeacherOutputs): Uint16Array {
  const below = new Uint16Array(scores.length);
  for (let from = 0; from < scores.length; from += k) {
    const best = scores[from]!;
    for (let at = from; at < from + k && ids[at]! >= 0; at++) below[at] = toHalf(best - scores[at]!);
  }
  return below;
}

/** The scores again. @param scores of each list the first, at its place */
export function scoresBelow(
  { k, ids, scores }: Pick<TeacherOutputs, 'k' | 'ids' | 'scores'>,
  below: Uint16Array,
): Float32Array {
  const again = new Float32Array(below.length);
  for (let from = 0; from < below.length; from += k) {
    const best = scores[from]!;
    for (let at = from; at < from + k && ids[at]! >= 0; at++) again[at] = best - fromHalf(below[at]!);
  }
  return again;
}

function addBatch(
  engine: Engine,
  teacher: Pick<Teacher, 'scores' | 'unknown'>,
  own: Csr,
  users: Int32Array,
  outputs: TeacherOutputs,
): void {
  const { tf } = engine;
  const { k, ownItems } = outputs;
  const hidden = ownItems === 'hidden' ? hiddenItems(own, teacher.unknown) : undefined;
  const entries = hidden && engine.sparseRows(hidden);
  const scores = teacher.scores(own);
  tf.tidy(() => {
    const { mean, variance } = tf.moments(scores, 1);
    const [means, deviations] = [mean.dataSync(), tf.sqrt(variance).dataSync()];
    const { values, indices } = engine.topK(entries ? engine.hideEntries(scores, entries) : scores, k);
    const ids = indices.dataSync();
    const best = values.dataSync();
    for (const [row, user] of users.entries()) {
      outputs.mean[user] = means[row]!;
      outputs.deviation[user] = deviations[row]!;
      // Hidden items come last, when the list is longer than what is left of the catalogue.
      const left = own.columns - (hidden ? rowLength(hidden, row) : 0);
      for (let rank = 0; rank < Math.min(k, left); rank++) {
        const at = user * k + rank;
        outputs.ids[at] = ids[row * k + rank]!;
        outputs.scores[at] = best[row * k + rank]!;
      }
    }
  });
  scores.dispose();
  entries?.dispose();
}

/** The lists that there are; nothing is said of items beyond them. */
function takeListed(listed: Csr, train: Csr, outputs: TeacherOutputs): TeacherOutputs {
  const { k, ownItems, ids, scores } = outputs;
  for (let row = 0; row < train.rows; row++) {
    const user = rowIdOf(train, row);
    const own = new Set(ownItems === 'hidden' ? rowItems(train, row) : []);
    const from = listed.indptr[user]!;
    const length = rowLength(listed, user);
    if (length === 0) continue;
    const places = Array.from({ length }, (_, i) => from + i)
      .filter((p) => !own.has(listed.indices[p]!))
      .sort((a, b) => listed.values[b]! - listed.values[a]! || a - b);
    places.slice(0, k).forEach((p, rank) => {
      ids[row * k + rank] = listed.indices[p]!;
      scores[row * k + rank] = listed.values[p]!;
    });
    const { mean, deviation } = moments(listed.values.subarray(from, from + length));
    outputs.mean[row] = mean;
    outputs.deviation[row] = deviation;
  }
  return outputs;
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
