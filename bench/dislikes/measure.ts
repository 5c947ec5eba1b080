import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { createRng, drawOf } from '../../src/core/rng.ts';
import { buildDataset } from '../../src/dataset/build.ts';
import { usualEvent } from '../../src/domain/data/usual-events.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { createAway } from '../../src/scoring/disliked.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { trainEaseTeacher } from '../../src/teacher/kinds/ease.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { planTraining } from '../../src/training/tasks/ranking/plan.ts';
import { startDistilled } from '../../src/training/tasks/ranking/train-student.ts';
import { type Row, sourceOf } from '../../test/helpers/data.ts';

const WEIGHTING = { ...DEFAULT_WEIGHTING, events: { rating: usualEvent('rating')! } };
const EASE = { kind: 'ease' as const, lambda: [150], form: 'primal' as const };
const HELD_OUT = 0.2;
const K = 10;

/** Ratings that models are trained on, and those that they are asked about. */
export interface Parts {
  known: readonly Row[];
  asked: readonly Row[];
}

/** The ratings that figures to be shown are taken on, and all others. */
export function partsToShow(all: readonly Row[]): Parts {
  return {
    asked: all.filter((row) => isShown(row)),
    known: all.filter((row) => !isShown(row)),
  };
}

/** Parts of the others, by lots of their own in each draw. */
export function partsToTune(all: readonly Row[], draw: number): Parts {
  const rest = all.filter((row) => !isShown(row));
  const isAsked = ({ user, item }: Row) => drawOf(`${user} ${item}`, 100 + draw) < HELD_OUT;
  return { asked: rest.filter(isAsked), known: rest.filter((row) => !isAsked(row)) };
}

const isShown = ({ user, item }: Row) => {
  const lot = drawOf(`${user} ${item}`, 1);
  return lot >= HELD_OUT && lot < 2 * HELD_OUT;
};

export interface Figures {
  ndcg: number;
  /** Films rated 1 or 2 that were held out, and those of them in the first ten. */
  heldOut: number;
  shown: number;
}

/**
 * @param amounts standard deviations, see distillation.dislikes: a student for each, of one teacher
 * @param shares see createAway: figures for each, of one student
 */
export async function measure(
  { known, asked }: Parts,
  user: 'solved' | 'summed',
  amounts: readonly number[],
  shares: readonly number[],
  report: (amount: number, share: number, figures: Figures) => void,
): Promise<void> {
  const { matrix, items, disliked } = await buildDataset(sourceOf(known, 16_384), WEIGHTING, {
    withSeen: true,
  });
  const context = {
    ...{ engine: await createEngine({ backend: 'auto' }), train: matrix, onProgress() {} },
    signal: new AbortController().signal,
  };
  const teacher = await trainEaseTeacher(EASE, { ...context, rng: createRng(1) });
  const rowOf = new Map(items.map((id, row) => [id, row]));
  const [histories, wanted] = [byUser(known, rowOf), byUser(asked, rowOf)];
  for (const dislikes of amounts) {
    const spec = completeDistillation({
      model: 'dislikes',
      student: { kind: 'fold-in', user, dimensions: 64 },
      distillation: { thinned: 3, dislikes },
    });
    const size = { users: matrix.rows, items: matrix.columns, pairs: matrix.indices.length };
    const fit = { ...context, rng: createRng(2) };
    const training = await startDistilled(teacher, planTraining(spec, size), {
      ...fit,
      ...(disliked && { disliked: disliked.pairs }),
    });
    const student = await training(fit);
    for (const share of shares)
      report(dislikes, share, figuresOf(wanted, createLists(student.weights, histories, share)));
    student.dispose();
  }
  teacher.dispose();
}

function createLists(
  weights: StudentWeights,
  histories: ReadonlyMap<string, Rated[]>,
  share: number,
): (user: string) => number[] | null {
  const scorer = createStudentScorer(weights);
  const away = createAway(weights.itemsOut, share);
  const scores = new Float32Array(weights.itemsOut.rows);
  return (user) => {
    const history = histories.get(user) ?? [];
    const liked = history.filter(({ value }) => value >= 4).map(({ row }) => row);
    const low = history.filter(({ value }) => value <= 2).map(({ row }) => row);
    if (liked.length === 0) return null;
    const vector = scorer.userVector(liked, new Float32Array(liked.length).fill(1)).slice();
    if (low.length > 0)
      away(vector, { rows: Int32Array.from(low), weights: new Float32Array(low.length).fill(1) });
    scorer.kernel.scoresInto(vector, scores);
    for (const { row } of history) scores[row] = Number.NEGATIVE_INFINITY;
    return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, K);
  };
}

interface Rated {
  row: number;
  value: number;
}

function figuresOf(wanted: ReadonlyMap<string, Rated[]>, list: (user: string) => number[] | null): Figures {
  const gain = (place: number) => 1 / Math.log2(place + 2);
  const total = { users: 0, ndcg: 0, shown: 0, heldOut: 0 };
  for (const [user, own] of wanted) {
    const top = list(user);
    if (!top) continue;
    const right = new Set(own.filter(({ value }) => value >= 4).map(({ row }) => row));
    const wrong = new Set(own.filter(({ value }) => value <= 2).map(({ row }) => row));
    total.shown += top.filter((row) => wrong.has(row)).length;
    total.heldOut += wrong.size;
    if (right.size === 0) continue;
    const best = Array.from({ length: Math.min(K, right.size) }, (_, i) => gain(i)).reduce((a, b) => a + b);
    total.users++;
    total.ndcg += top.reduce((sum, row, i) => sum + (right.has(row) ? gain(i) : 0), 0) / best;
  }
  return { ndcg: total.ndcg / total.users, heldOut: total.heldOut, shown: total.shown };
}

/** Ratings by user, the newest first, as histories are. */
function byUser(rows: readonly Row[], rowOf: ReadonlyMap<string, number>) {
  const users = new Map<string, Rated[]>();
  for (const { user, item, value } of rows) {
    const row = rowOf.get(item);
    if (row === undefined) continue;
    const own = users.get(user) ?? [];
    users.set(user, own);
    own.unshift({ row, value: value! });
  }
  return users;
}
