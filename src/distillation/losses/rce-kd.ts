import { rowLength } from '../../dataset/matrix.ts';
import { valueAt } from '../../domain/base/scheduled.ts';
import type { SettingsOf } from '../../domain/losses/loss-spec.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { HIDDEN_SCORE } from '../../tensor/loss/hide-entries.ts';
import type { Step } from '../lists/step.ts';
import { append, type BatchLists, emptyLists, listsOf, placesInUse } from './batch-lists.ts';
import { type LossTerm, NOTHING_TO_DISPOSE, type TermSetup } from './term.ts';

/** The speed at which the weight moves to the student's own list as the lists come to agree; the authors use 1 to 10. */
const BETA = 2;
/** Ranks by which a candidate's chance falls to 1/e; the authors' T. */
const CANDIDATE_RANKS = 10;
/** Candidates come from so many times as many places behind the student's own list. */
const REACH = 3;

/**
 * Cross-entropy of two softmaxes over the same few items, [B, M], mean over the rows.
 * @param used [B, M] 1 where there is an item
 */
export function listCrossEntropy(
  { tf }: Engine,
  student: Tensor,
  teacher: Tensor,
  used: Tensor,
  temperature: number,
): Tensor {
  const absent = tf.mul(tf.sub(1, used), HIDDEN_SCORE);
  const z = tf.add(tf.mul(student, 1 / temperature), absent);
  const target = tf.softmax(tf.add(tf.mul(teacher, 1 / temperature), absent));
  const apart = tf.sub(tf.logSumExp(z, 1, true), tf.mul(student, 1 / temperature));
  return tf.sum(tf.mul(tf.mul(target, apart), used), 1);
}

/**
 * Rejuvenated cross-entropy (RCE-KD, 2025): the student's own best items judged by the teacher (Q1), and what the teacher
 * lists beyond them beside candidates of the student (Q2): (1 - w) CE(Q1) + w CE(Q2), with w = exp(-beta * overlap) of the two
 * lists. Cross-entropy on the teacher's list alone would raise every score.
 *
 * @param first, second cross-entropies [B]
 * @param overlap [B] share of Q1 that the teacher lists
 */
export function rceLoss({ tf }: Engine, first: Tensor, second: Tensor, overlap: Float32Array): Scalar {
  const w = tf.tensor1d(overlap.map((share) => Math.exp(-BETA * share)));
  return tf.mean(tf.add(tf.mul(tf.sub(1, w), first), tf.mul(w, second))) as Scalar;
}

export const rceKd: LossTerm<'rce-kd'> = {
  term(settings, setup) {
    const { engine, teacher } = setup;
    const { tf } = engine;
    const outputs = teacher!.lists(settings.ownItems);
    return {
      prepare(step) {
        const lists = listsOf(outputs, step.users, outputs.k);
        const temperature = valueAt(settings.temperature, step.progress);
        return {
          value(student) {
            const logits = settings.ownItems === 'hidden' ? student.unseenLogits() : student.logits();
            const { mine, others, overlap } = divide(settings, setup, step, lists, logits);
            const compare = (part: BatchLists) => {
              const shape: [number, number] = [step.users.length, part.width];
              return listCrossEntropy(
                engine,
                student.scoresAt(part.ids),
                tf.tensor2d(part.scores, shape),
                tf.tensor2d(placesInUse(part), shape),
                temperature,
              );
            };
            return rceLoss(engine, compare(mine), compare(others), overlap);
          },
          dispose: NOTHING_TO_DISPOSE,
        };
      },
    };
  },
};

/** Q1 and Q2 of every user, with the teacher's scores. */
function divide(
  { top, samples }: SettingsOf<'rce-kd'>,
  { engine, items, rng }: TermSetup,
  { hidden }: Step,
  lists: BatchLists,
  logits: Tensor,
) {
  const batch = lists.lengths.length;
  const reach = Math.min(items, top + REACH * samples);
  const best = engine.topK(logits, reach).indices.dataSync();
  const mine = emptyLists(batch, top);
  const others = emptyLists(batch, top + samples);
  const overlap = new Float32Array(batch);
  for (let row = 0; row < batch; row++) {
    // Of this user the teacher says nothing.
    if (lists.lengths[row] === 0) continue;
    const known = scoresById(lists, row);
    // What the teacher does not list is taken for as good as the last that it lists.
    const floor = lists.scores[row * lists.width + lists.lengths[row]! - 1]!;
    const available = Math.min(reach, items - rowLength(hidden, row));
    const ranked = best.subarray(row * reach, row * reach + available);
    const first = new Set<number>();
    for (const item of ranked.subarray(0, top)) {
      first.add(item);
      append(mine, row, item, known.get(item) ?? floor);
    }
    let shared = 0;
    for (let rank = 0; rank < Math.min(top, lists.lengths[row]!); rank++) {
      const item = lists.ids[row * lists.width + rank]!;
      if (first.has(item)) shared++;
      else append(others, row, item, lists.scores[row * lists.width + rank]!);
    }
    overlap[row] = first.size > 0 ? shared / first.size : 1;
    const listed = new Set(
      others.ids.subarray(row * others.width, row * others.width + others.lengths[row]!),
    );
    for (let i = top, n = 0; i < ranked.length && n < samples; i++) {
      const chance = Math.max(1 / REACH, Math.exp(-(i - top) / CANDIDATE_RANKS));
      if (listed.has(ranked[i]!) || rng.next() >= chance) continue;
      append(others, row, ranked[i]!, known.get(ranked[i]!) ?? floor);
      n++;
    }
  }
  return { mine, others, overlap };
}

function scoresById({ width, ids, scores, lengths }: BatchLists, row: number): Map<number, number> {
  const known = new Map<number, number>();
  for (let at = row * width; at < row * width + lengths[row]!; at++) known.set(ids[at]!, scores[at]!);
  return known;
}
