import { rowLength } from '../../dataset/matrix.ts';
import { valueAt } from '../../domain/base/scheduled.ts';
import type { SettingsOf } from '../../domain/losses/loss-spec.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { HIDDEN_SCORE } from '../../tensor/loss/hide-entries.ts';
import type { Step } from '../lists/step.ts';
import { append, type BatchLists, emptyLists, listsOf, placesInUse } from './batch-lists.ts';
import { type Chances, drawByChance } from './chances.ts';
import { type LossTerm, NOTHING_TO_DISPOSE, type TermSetup } from './term.ts';

/** The speed at which the weight moves to the student's own list as the lists come to agree; the authors use 1 to 10. */
const BETA = 2;
/** Items of the teacher's list behind a candidate by which its chance rises by e; the authors' T. */
const CANDIDATE_RANKS = 10;
/** Most items of the teacher's list that count for one candidate; the authors' limit. */
const MOST_BEHIND = 50;
/** Candidates are the student's first items, so many times as many as are drawn; the authors draw 50 or 100 of 100 to 200. */
const REACH = 2;

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
 * Rejuvenated cross-entropy (RCE-KD: Zhu & Zhang, 2025): the student's own best items judged by the teacher (Q1), and what the
 * teacher lists beyond them beside candidates of the student (Q2): (1 - w) CE(Q1) + w CE(Q2), with w = exp(-beta * overlap).
 * Cross-entropy on the teacher's list alone would raise every score.
 *
 * As in the authors' code the candidates are drawn by both models (candidateChances), and the overlap is the share of the
 * teacher's list that was drawn. Theirs draws once an epoch, this at each step. Theirs asks the teacher for every score; here an
 * item that the teacher's list does not hold counts as much as the last that it holds.
 *
 * @param first, second cross-entropies [B]
 * @param overlap [B] share of the teacher's first items that are among the candidates drawn
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
  { top, samples, ownItems }: SettingsOf<'rce-kd'>,
  { engine, items, rng }: TermSetup,
  { hidden }: Step,
  lists: BatchLists,
  logits: Tensor,
) {
  const batch = lists.lengths.length;
  const reach = Math.min(items, Math.max(top, REACH * samples));
  const best = engine.topK(logits, reach).indices.dataSync() as Int32Array;
  const mine = emptyLists(batch, top);
  const others = emptyLists(batch, top + samples);
  const overlap = new Float32Array(batch);
  for (let row = 0; row < batch; row++) {
    // The teacher says nothing of this user.
    if (lists.lengths[row] === 0) continue;
    const known = scoresById(lists, row);
    const floor = lists.scores[row * lists.width + lists.lengths[row]! - 1]!;
    const scoreOf = (item: number) => known.get(item) ?? floor;
    const available = Math.min(reach, items - (ownItems === 'hidden' ? rowLength(hidden, row) : 0));
    const ranked = best.subarray(row * reach, row * reach + available);
    const wanted = lists.ids.subarray(
      row * lists.width,
      row * lists.width + Math.min(top, lists.lengths[row]!),
    );
    const first = ranked.subarray(0, top);
    const drawn = drawByChance(candidateChances(ranked, wanted), samples, rng);
    for (const item of first) append(mine, row, item, scoreOf(item));
    for (const item of drawn) append(others, row, item, scoreOf(item));
    const [ofFirst, ofDrawn] = [new Set(first), new Set(drawn)];
    for (const item of wanted)
      if (!ofFirst.has(item) && !ofDrawn.has(item)) append(others, row, item, scoreOf(item));
    overlap[row] = wanted.filter((item) => ofDrawn.has(item)).length / wanted.length;
  }
  return { mine, others, overlap };
}

/**
 * The chances by which teacher and student choose candidates together: an item weighs exp((n + 1) / 10), n of the teacher's
 * items being ranked as high or lower by the student, 50 counted at most. So candidates are what the student puts above items
 * of the teacher.
 * @param ranked the student's first items in order
 * @param wanted the teacher's first items
 */
export function candidateChances(ranked: Int32Array, wanted: Int32Array): Chances {
  const ofTeacher = new Set(wanted);
  const chances = new Float64Array(ranked.length);
  let behind = 0;
  for (let rank = ranked.length - 1; rank >= 0; rank--) {
    if (ofTeacher.has(ranked[rank]!)) behind++;
    chances[rank] = Math.exp((Math.min(behind, MOST_BEHIND) + 1) / CANDIDATE_RANKS);
  }
  return { items: ranked, chances };
}

function scoresById({ width, ids, scores, lengths }: BatchLists, row: number): Map<number, number> {
  const known = new Map<number, number>();
  for (let at = row * width; at < row * width + lengths[row]!; at++) known.set(ids[at]!, scores[at]!);
  return known;
}
