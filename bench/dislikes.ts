import { parseArgs } from 'node:util';
import { createFsStore } from '../src/artifact/store/fs-store.ts';
import { loadStudent } from '../src/artifact/student/load.ts';
import { drawOf } from '../src/core/rng.ts';
import { completeDistillation } from '../src/domain/jobs/complete-distillation.ts';
import { createAway, DISLIKE_SHARE } from '../src/scoring/disliked.ts';
import { createStudentScorer } from '../src/scoring/student-scorer.ts';
import { type Row, sourceOf } from '../test/helpers/data.ts';
import { runJob, temporary } from './lib/run-job.ts';
import { ratingsInOrder } from './transfer/movielens.ts';

/**
 * Dislikes on MovieLens-100K: a fifth of the ratings is held out by lots, films are ranked from the others, and what is held out
 * says how many films rated 1 or 2 are among the first ten, and what NDCG@10 is over those rated 4 or 5.
 *   node bench/run.mjs dislikes [--shares 0,0.3] [--users summed] [--tune]
 * With --tune the lots are others, so that what is chosen never meets what is shown.
 */
const { values: options } = parseArgs({
  options: {
    shares: { type: 'string', default: `0,${DISLIKE_SHARE}` },
    users: { type: 'string', default: 'solved' },
    tune: { type: 'boolean', default: false },
  },
});
const HELD_OUT = 0.2;
const K = 10;

const all = ratingsInOrder();
const drawn = (row: Row) => drawOf(`${row.user} ${row.item}`, 1);
/** The film ratings of --tune are left out where the others are the test, and the other way round. */
const [test, rest] = options.tune
  ? [all.filter((row) => drawn(row) < HELD_OUT), all.filter((row) => drawn(row) >= 2 * HELD_OUT)]
  : [
      all.filter((row) => drawn(row) >= HELD_OUT && drawn(row) < 2 * HELD_OUT),
      all.filter((row) => drawn(row) >= 2 * HELD_OUT),
    ];

const artifacts = createFsStore(`file:${temporary('dislikes')}`);
const { version } = await runJob({
  spec: completeDistillation({
    model: 'dislikes',
    teacher: { kind: 'ease' },
    student: { kind: 'fold-in', user: options.users as 'solved' | 'summed', dimensions: 64 },
  }),
  interactions: sourceOf(rest, 16_384),
  artifacts,
});
const { weights, items } = await loadStudent(artifacts, version.artifact);
const scorer = createStudentScorer(weights);
const rowOf = new Map(items.map((id, row) => [id, row]));
const byUser = (rows: readonly Row[]) => {
  const users = new Map<string, { row: number; value: number }[]>();
  for (const { user, item, value } of rows) {
    const row = rowOf.get(item);
    if (row === undefined) continue;
    const own = users.get(user) ?? [];
    users.set(user, own);
    // The newest first, as histories are.
    own.unshift({ row, value: value! });
  }
  return users;
};
const [known, asked] = [byUser(rest), byUser(test)];

for (const share of options.shares.split(',').map(Number)) {
  const away = createAway(weights.itemsOut, share);
  const total = { users: 0, ndcg: 0, disliked: 0, places: 0, heldOut: 0 };
  const scores = new Float32Array(items.length);
  for (const [user, own] of asked) {
    const history = known.get(user) ?? [];
    const liked = history.filter(({ value }) => value >= 4).map(({ row }) => row);
    const low = history.filter(({ value }) => value <= 2).map(({ row }) => row);
    if (liked.length === 0) continue;
    const vector = scorer.userVector(liked, new Float32Array(liked.length).fill(1)).slice();
    if (low.length > 0)
      away(vector, { rows: Int32Array.from(low), weights: new Float32Array(low.length).fill(1) });
    scorer.kernel.scoresInto(vector, scores);
    for (const { row } of history) scores[row] = Number.NEGATIVE_INFINITY;
    const top = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, K);
    const right = new Set(own.filter(({ value }) => value >= 4).map(({ row }) => row));
    const wrong = new Set(own.filter(({ value }) => value <= 2).map(({ row }) => row));
    total.disliked += top.filter((row) => wrong.has(row)).length;
    total.places += K;
    total.heldOut += wrong.size;
    if (right.size === 0) continue;
    const gain = (place: number) => 1 / Math.log2(place + 2);
    const best = Array.from({ length: Math.min(K, right.size) }, (_, i) => gain(i)).reduce((a, b) => a + b);
    total.users++;
    total.ndcg += top.reduce((sum, row, i) => sum + (right.has(row) ? gain(i) : 0), 0) / best;
  }
  const per = (x: number, of: number) => (x / of).toFixed(4);
  console.log(
    `share ${share}: ndcg@10 ${per(total.ndcg, total.users)}, disliked in the first ten ${total.disliked} of ${total.heldOut} held out (${per(total.disliked, total.places)} of the places)`,
  );
}
