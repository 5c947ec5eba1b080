/**
 * Variants of the distillation on the tuning part of one data set, without the service between:
 *
 *   node bench/run.mjs quality/students <set> '{"name":{"distillation":{},"student":{}}}' [--seeds 1,2] [--teacher JSON] [--alone] [--unseen] [--users N]
 *
 * The teacher is trained once per seed and kept; every variant teaches a student of its own, and all are compared on the same
 * users. Members of a variant take the place of the planned settings; losses that are planned too keep what is not named.
 * With --unseen a fifth of the users is held out, and half of what they took is asked for; take another seed than for a test.
 * With --users so many users are drawn by the seed, for small data. No test part is read. A set may also be drawn: see synthetic.ts. Columns: the metrics, their share of the teacher's, and how much of the first ten is the teacher's, for
 * the histories that the student was taught on and for those that the held-out pairs have been added to.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Csr, columnSums, selectRows, unionRows } from '../../src/dataset/matrix.ts';
import { askedWith, historyFor, knownFor, type Split } from '../../src/dataset/split/split.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { overlap } from '../../src/evaluation/agreement.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { createStages } from '../../src/training/run/stages.ts';
import {
  popularityRanker,
  studentRanker,
  type TimedRanker,
  teacherRanker,
} from '../../src/training/tasks/ranking/rankers.ts';
import { runJob } from '../lib/run-job.ts';
import { csvSource } from './csv-source.ts';
import { ofHeldOutUsers, qualitySets } from './data-sets.ts';
import { someUsers } from './some-users.ts';
import { syntheticSet } from './synthetic.ts';
import { type Compared, compareVariants, type Variant } from './variants.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1' },
    teacher: { type: 'string', default: '{"kind":"auto"}' },
    alone: { type: 'boolean', default: false },
    unseen: { type: 'boolean', default: false },
    users: { type: 'string' },
  },
});
const [name = '', json = '{"default":{}}'] = positionals;
const sets = qualitySets(join(process.cwd(), '..', 'shared', 'data'));
const set = sets[name] ?? syntheticSet(name);
const variants: Record<string, Variant> = JSON.parse(json);
if (!set || Object.keys(variants).length === 0) {
  console.error(
    `usage: quality/students <${Object.keys(sets).join('|')}|synthetic-USERSxITEMSxPAIRS> '{"name":{"distillation":{}}}' [--seeds 1,2]`,
  );
  process.exit(2);
}
const METRICS = ['ndcg@10', 'recall@10', 'recall@20', 'recall@50'];
const uploads = set.uploads(true);
const sourceOf = (seed: number) =>
  csvSource(options.users ? someUsers(uploads, Number(options.users), seed) : uploads);
const engine = await createEngine({ backend: 'auto' });
const kept = createStages({
  folder: join(tmpdir(), 'stillhouse-students'),
  jobKey: 'students',
  checkpointSeconds: Number.POSITIVE_INFINITY,
  mostCacheMiB: 12_000,
  // Teachers are asked after all variants were trained.
  asideFromMiB: Number.POSITIVE_INFINITY,
  logger: { info() {}, warn: console.error } as never,
});
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

const rows = new Map<string, number[][]>();
for (const seed of options.seeds.split(',').map(Number)) {
  const spec = completeDistillation({
    model: 'students',
    ...set.job,
    teacher: JSON.parse(options.teacher),
    dataset: options.unseen ? ofHeldOutUsers(set, uploads) : set.tuning.dataset,
    distillation: { seed },
    evaluation: { refit: false },
  });
  await runJob({
    spec,
    interactions: sourceOf(seed),
    engine,
    stages: kept,
    onProgress({ epoch, metrics }) {
      if (metrics) console.error(`    epoch ${epoch}: ${metrics['ndcg@10']!.toFixed(4)}`);
    },
    variant: compareVariants(variants, options.alone, async (compared) => {
      for (const [row, values] of await measure(compared)) rows.set(row, [...(rows.get(row) ?? []), values]);
    }),
  });
}
console.log(`${name}, seeds ${options.seeds}: ${METRICS.join(' ')} | % of the teacher's | first ten shared`);
for (const [row, seeds] of rows) {
  const means = seeds[0]!.map((_, i) => mean(seeds.map((values) => values[i]!)));
  console.log(`  ${row.padEnd(28)} ${shown(means)}`);
}

async function measure({ teacher, students, split }: Compared): Promise<[string, number[]][]> {
  const data = heldOutOf(split);
  const rankers = [
    teacherRanker(teacher),
    popularityRanker(data.popularity),
    ...students.map(([variant, weights]) => studentRanker(variant, createStudentScorer(weights))),
  ];
  const { users, outcomes } = await evaluate(rankers, data, { ks: [10, 20, 50] });
  const later = sharedWithFirst(rankers, unionRows(data.histories, split.test), users);
  const valuesOf = (at: number) => METRICS.map((metric) => mean(outcomes[at]!.metrics[metric]!));
  const shares = (at: number) => valuesOf(at).map((value, i) => (100 * value) / valuesOf(0)[i]!);
  return outcomes.map(({ name: row, fidelity }, at) => {
    const values = [...valuesOf(at), ...shares(at), at === 0 ? 1 : mean(fidelity['overlap@10']!), later[at]!];
    console.error(`  ${row.padEnd(28)} ${shown(values)}`);
    return [row, values];
  });
}

function heldOutOf(split: Split) {
  return {
    histories: askedWith(split, historyFor(split, 'test')),
    known: knownFor(split, 'test'),
    heldOut: split.test,
    popularity: columnSums(split.train),
  };
}

/** For histories that have gone on since: how much of the first ranker's first ten each has, on up to 1,000 users. */
function sharedWithFirst(rankers: readonly TimedRanker[], histories: Csr, users: Int32Array): number[] {
  const chosen = users.filter((_, i) => i % Math.ceil(users.length / 1000) === 0);
  const sums = rankers.map(() => 0);
  for (let from = 0; from < chosen.length; from += 50) {
    const some = selectRows(histories, chosen.subarray(from, from + 50));
    const lists = rankers.map((ranker) => firstTen(ranker.scores(some), some));
    for (const [i, own] of lists.entries())
      for (const [r, list] of own.entries()) sums[i]! += overlap(lists[0]![r]!, list);
  }
  return sums.map((sum) => sum / chosen.length);
}

function firstTen(scores: Float32Array, { rows, columns, indptr, indices }: Csr): Int32Array[] {
  return Array.from({ length: rows }, (_, r) => {
    const own = scores.subarray(r * columns, (r + 1) * columns);
    for (let p = indptr[r]!; p < indptr[r + 1]!; p++) own[indices[p]!] = Number.NEGATIVE_INFINITY;
    return topList(own, 10);
  });
}

function shown(values: number[]): string {
  const part = (from: number, to: number, digits: number) =>
    values
      .slice(from, to)
      .map((value) => value.toFixed(digits))
      .join(' ');
  return `${part(0, 4, 4)} | ${part(4, 8, 1)} | ${part(8, 10, 3)}`;
}
