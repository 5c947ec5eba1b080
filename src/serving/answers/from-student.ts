import { runInSlices } from '../../core/slices.ts';
import type { Bag } from '../../features/encoding.ts';
import type { StudentScorer } from '../../scoring/student-scorer.ts';
import type { LiveModel } from '../models/live-model.ts';
import { boostsFor } from './boosts.ts';
import { candidatesFor, diversify, type RankedRows } from './diversify.ts';
import { explain } from './explain.ts';
import { createShares } from './probability.ts';
import { rankRows } from './rank-rows.ts';
import type { Request, Sourced, Timing } from './request.ts';

/** The student's best items for a user. Null when no item of the history counts, and nothing is said of the user. */
export async function fromStudent(
  model: LiveModel,
  request: Request,
  now: number,
  timing: Timing,
  signal?: AbortSignal,
): Promise<Sourced[] | null> {
  const { options, rules, seenTypes, side } = request;
  const { scorer } = request.task!;
  const started = performance.now();
  // Nothing may be awaited before the scan has begun: the scorer's answers are overwritten by its next call.
  const { rows, weights, seen, disliked } = model.fold(request.history, now, seenTypes);
  if (!model.answers(rows, side)) return null;
  const history = { rows: rows.slice(), weights: weights.slice(), side };
  const folded = scorer.userVector(rows, weights, side, disliked);
  // What comes after the scan must not depend on a vector that other requests overwrite meanwhile.
  const vector = request.scale === null ? folded : folded.slice();
  timing.vector = performance.now() - started;
  const leftOut: ArrayLike<number>[] = [
    request.catalogue.blockedRows(model),
    rowsOf(model, request.exclude),
    options.includeSeen ? disliked.rows : seen,
    rowsOf(model, request.worn),
  ];
  if (rules) leftOut.push(rules.hiddenRows);
  const { k, diversity = 0 } = options;
  const wanted = diversity > 0 ? candidatesFor(k) : k;
  const boosts = boostsFor(rules, model, vector, request.task!.scoreScale);
  let ranked = await rankRows(model, vector, wanted, leftOut, request.mask, boosts);
  timing.scan = performance.now() - started - timing.vector;
  if (diversity > 0 && ranked.rows.length > 0) {
    ranked = await runInSlices(diversify(ranked, model.alike, k, diversity), signal);
  }
  if (request.scale !== null) {
    const candidates = { leftOut, mask: request.mask, boosts };
    const { kernel, items } = scorer;
    const share = await runInSlices(createShares(kernel, vector, items, request.scale, candidates), signal);
    ranked = { ...ranked, scores: ranked.scores.map(share) };
  }
  return withReasons(model, scorer, history, ranked, options.explain ?? false, signal);
}

async function withReasons(
  model: LiveModel,
  scorer: StudentScorer,
  history: { rows: Int32Array; weights: Float32Array; side: Bag | null },
  { rows, scores }: RankedRows,
  explained: boolean,
  signal?: AbortSignal,
): Promise<Sourced[]> {
  const items = rows.map(
    (row, i): Sourced => ({ itemId: model.items[row]!, score: scores[i]!, source: 'student' }),
  );
  if (!explained) return items;
  const reasons = await runInSlices(explain(scorer, history, rows), signal);
  return items.map((item, i) => ({
    ...item,
    because: reasons[i]!.map(({ row, contribution }) => ({ itemId: model.items[row]!, contribution })),
  }));
}

function rowsOf(model: LiveModel, itemIds: ReadonlySet<string>): number[] {
  const rows: number[] = [];
  for (const itemId of itemIds) {
    const row = model.rowOf.get(itemId);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
