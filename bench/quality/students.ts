/**
 * Variants of the distillation on the tuning part of one data set, without the service between:
 *
 *   node bench/run.mjs quality/students <set> '{"name":{"distillation":{},"student":{}}}' [--seeds 1,2] [--teacher JSON] [--alone]
 *
 * The teacher is trained once per seed and kept; every variant teaches a student of its own, and all are compared on the same
 * users. Members of a variant take the place of the planned settings; losses that are planned too keep what is not named.
 * No test part is read. A set may also be drawn: see synthetic.ts. Columns: the metrics, their share of the teacher's, and how much of the first ten is the teacher's, for
 * the histories that the student was taught on and for those that the held-out pairs have been added to.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRng } from '../../src/core/rng.ts';
import { buildDataset } from '../../src/dataset/build.ts';
import { type Csr, columnSums, selectRows, unionRows } from '../../src/dataset/matrix.ts';
import { historyFor, knownFor, splitPairs, taughtHistories } from '../../src/dataset/split/split.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { LossSettings } from '../../src/domain/losses/loss-spec.ts';
import { overlap } from '../../src/evaluation/agreement.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import type { Teacher, TrainingContext } from '../../src/teacher/contract.ts';
import { restoreTeacher, type TrainedSettings, trainTeacher } from '../../src/teacher/registry.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import type { Progress } from '../../src/tensor/train/progress.ts';
import { planWeighting } from '../../src/training/run/plan-job.ts';
import { createStages, hashOf } from '../../src/training/run/stages.ts';
import { planTraining, type TrainingSettings } from '../../src/training/tasks/ranking/plan.ts';
import { planRoundedEpochs } from '../../src/training/tasks/ranking/plan-student.ts';
import {
  popularityRanker,
  studentRanker,
  type TimedRanker,
  teacherRanker,
} from '../../src/training/tasks/ranking/rankers.ts';
import { trainAlone, trainDistilled } from '../../src/training/tasks/ranking/train-student.ts';
import { createValidation } from '../../src/training/tasks/ranking/validation.ts';
import { csvSource } from './csv-source.ts';
import { qualitySets } from './data-sets.ts';
import { syntheticSet } from './synthetic.ts';

interface Variant {
  distillation?: Partial<Omit<TrainingSettings['distillation'], 'losses'>> & {
    losses?: Partial<LossSettings>[];
  };
  student?: Partial<TrainingSettings['student']>;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1' },
    teacher: { type: 'string', default: '{"kind":"auto"}' },
    alone: { type: 'boolean', default: false },
  },
});
const [name = '', json = '{"default":{}}'] = positionals;
const sets = qualitySets(join(process.cwd(), '..', 'shared', 'data'));
const set = sets[name] ?? syntheticSet(name);
if (!set) {
  console.error(
    `usage: quality/students <${Object.keys(sets).join('|')}|synthetic-USERSxITEMSxPAIRS> '{"name":{"distillation":{}}}' [--seeds 1,2]`,
  );
  process.exit(2);
}
const METRICS = ['ndcg@10', 'recall@10', 'recall@20', 'recall@50'];
const variants: Record<string, Variant> = JSON.parse(json);
const source = csvSource(set.uploads(true));
const engine = await createEngine({ backend: 'auto' });
const kept = createStages({
  folder: join(tmpdir(), 'stillhouse-students'),
  jobKey: 'students',
  checkpointSeconds: Number.POSITIVE_INFINITY,
  mostCacheMiB: 12_000,
  logger: { info() {}, warn: console.error } as never,
});
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

const rows = new Map<string, number[][]>();
for (const seed of options.seeds.split(',').map(Number)) {
  for (const [row, values] of await compare(seed)) rows.set(row, [...(rows.get(row) ?? []), values]);
}
console.log(`${name}, seeds ${options.seeds}: ${METRICS.join(' ')} | % of the teacher's | first ten shared`);
for (const [row, seeds] of rows) {
  const means = seeds[0]!.map((_, i) => mean(seeds.map((values) => values[i]!)));
  console.log(`  ${row.padEnd(28)} ${shown(means)}`);
}

async function compare(seed: number): Promise<[string, number[]][]> {
  const spec = completeDistillation({
    model: 'students',
    ...set!.job,
    teacher: JSON.parse(options.teacher),
    dataset: set!.tuning.dataset,
    distillation: { seed },
  });
  const rng = createRng(seed);
  const plan = spec.dataset.split;
  const heldOut = plan.strategy === 'types' ? { test: plan.test } : undefined;
  const dataset = await buildDataset(source, planWeighting(spec), {
    heldOut,
    inOrder: spec.task === 'sequential',
  });
  const split = splitPairs(dataset, plan, rng.fork('split'));
  const settings = planTraining(spec, {
    users: dataset.users.length,
    items: dataset.items.length,
    pairs: split.train.indices.length,
  });
  const context = {
    engine,
    rng,
    train: split.train,
    histories: taughtHistories(split),
    validation: createValidation(split, settings.patience, rng.fork('validation')),
    onProgress: ({ epoch, metric }: Progress) => {
      if (metric !== undefined) console.error(`    epoch ${epoch}: ${metric.toFixed(4)}`);
    },
    signal: new AbortController().signal,
  };
  const teacher = await teacherFor(settings, context, hashOf(dataset.hash, plan, seed, settings.teacher));
  console.error(`seed ${seed}: ${teacher.description}`, JSON.stringify(settings.distillation));
  const data = {
    histories: historyFor(split, 'test'),
    known: knownFor(split, 'test'),
    heldOut: split.test,
    popularity: columnSums(split.train),
  };
  const rankers = [teacherRanker(teacher), popularityRanker(data.popularity)];
  if (options.alone) {
    const alone = await trainAlone(settings, context);
    rankers.push(studentRanker('alone', createStudentScorer(alone.weights)));
    alone.dispose();
  }
  for (const [variant, change] of Object.entries(variants)) {
    const started = performance.now();
    const student = await trainDistilled(teacher, changed(settings, change, spec), context);
    console.error(`  ${variant} trained, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    rankers.push(studentRanker(variant, createStudentScorer(student.weights)));
    student.dispose();
  }
  const { users, outcomes } = await evaluate(rankers, data, { ks: [10, 20, 50] });
  const later = sharedWithFirst(rankers, unionRows(data.histories, split.test), users);
  teacher.dispose();
  const valuesOf = (at: number) => METRICS.map((metric) => mean(outcomes[at]!.metrics[metric]!));
  const shares = (at: number) => valuesOf(at).map((value, i) => (100 * value) / valuesOf(0)[i]!);
  return outcomes.map(({ name: row, fidelity }, at) => {
    const values = [...valuesOf(at), ...shares(at), at === 0 ? 1 : mean(fidelity['overlap@10']!), later[at]!];
    console.error(`  ${row.padEnd(28)} ${shown(values)}`);
    return [row, values];
  });
}

async function teacherFor(
  settings: TrainingSettings,
  context: TrainingContext,
  hash: string,
): Promise<Teacher> {
  const state = await kept.loadTeacher(hash);
  if (state) return restoreTeacher(engine, state);
  const teacher = await trainTeacher(settings.teacher as TrainedSettings, context);
  for (const trial of teacher.tried ?? []) console.error('  tried', JSON.stringify(trial));
  await kept.saveTeacher(hash, teacher.state());
  return teacher;
}

function changed(
  settings: TrainingSettings,
  { distillation, student }: Variant,
  complete: Parameters<typeof planRoundedEpochs>[0],
): TrainingSettings {
  const epochs = distillation?.epochs ?? settings.distillation.epochs;
  const { losses = settings.distillation.losses } = distillation ?? {};
  return {
    ...settings,
    student: { ...settings.student, ...student },
    distillation: {
      ...settings.distillation,
      roundedEpochs: planRoundedEpochs(complete, epochs),
      ...distillation,
      losses: losses.map((loss) => ({
        ...settings.distillation.losses.find(({ kind }) => kind === loss.kind),
        ...loss,
      })) as LossSettings[],
    },
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
