/**
 * One teacher on one data set: node bench/run.mjs quality/teachers <set> '<teacher of a job as JSON>' [--tune | --at-once] [--keep FILE]
 *
 * What the job leaves open is chosen on validation. With --tune the numbers are those of the validation pairs and the test
 * pairs are not looked at; without it the teacher is trained on the training pairs as published, with what was chosen.
 * --keep FILE writes a checkpoint after every epoch and goes on from it, for long runs in parts; the trained teacher stays there.
 * --at-once trains on those right away, for settings that leave nothing to choose, such as a check against published figures.
 */
import { createRng } from '../../src/core/rng.ts';
import { columnSums, unionRows } from '../../src/dataset/matrix.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import type { TrainingContext } from '../../src/teacher/contract.ts';
import { type TrainedSettings, trainTeacher } from '../../src/teacher/registry.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { readAndDispose } from '../../src/tensor/read.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/tensor/train/checkpoint.ts';
import type { TrainingState } from '../../src/tensor/train/fit.ts';
import { createValidation } from '../../src/training/tasks/ranking/validation.ts';
import { planTeacher } from '../../src/training/teachers/plan-teacher.ts';
import { loadSet, SET_NAMES } from './files.ts';

const [name = '', json = '', flag, ...more] = process.argv.slice(2);
const keep = more[0] === '--keep' ? more[1] : undefined;
if (!SET_NAMES.includes(name) || !json) {
  console.error(
    `usage: quality/teachers <${SET_NAMES.join('|')}> '{"kind":"ease"}' [--tune | --at-once] [--keep FILE]`,
  );
  process.exit(2);
}
const KS = [10, 20, 50];
const tune = flag === '--tune';
const atOnce = flag === '--at-once';
const split = loadSet(name);
const engine = await createEngine({ backend: 'auto' });
const started = performance.now();
const seconds = () => ((performance.now() - started) / 1000).toFixed(1);

const context: TrainingContext = {
  engine,
  rng: createRng(42),
  train: atOnce ? split.published : split.train,
  validation: atOnce ? undefined : createValidation(split, 10, createRng(42).fork('validation'), {}),
  onProgress: ({ epoch, step, steps, metric, losses }) => {
    if (metric !== undefined || step % 10 === 0)
      console.error(
        `${seconds()} s  epoch ${epoch} step ${step}/${steps} ${metric ?? ''} ${JSON.stringify(losses)}`,
      );
  },
  signal: new AbortController().signal,
};
const size = {
  users: split.train.rows,
  items: split.train.columns,
  pairs: split.train.indices.length,
};
const planned = planTeacher({ model: 'bench', teacher: JSON.parse(json) }, size);
const resume = keep && {
  resumeFrom: await readCheckpoint(keep, json),
  onCheckpoint: (state: TrainingState) => writeCheckpoint(keep, state, json),
};
let teacher = await trainTeacher(planned, { ...context, ...(resume && { resume }) });
console.log(`${name}: ${teacher.description}, trained in ${seconds()} s`, JSON.stringify(teacher.settings));
for (const trial of teacher.tried ?? []) console.log(`  tried ${JSON.stringify(trial)}`);
if (!tune && !atOnce && split.published !== split.train) {
  const settings = teacher.settings as unknown as TrainedSettings;
  teacher.dispose();
  teacher = await trainTeacher(settings, { ...context, train: split.published, validation: undefined });
  console.log(`trained again on all published training pairs, ${seconds()} s`);
}
const { users, outcomes } = await evaluate(
  [{ name: 'teacher', scores: (histories) => readAndDispose(teacher.scores(histories)) }],
  tune
    ? { histories: split.train, heldOut: split.validation, popularity: columnSums(split.train) }
    : {
        histories: unionRows(split.train, split.validation),
        heldOut: split.test,
        popularity: columnSums(split.train),
      },
  { ks: KS },
);
const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
const of = (metric: string) => mean(outcomes[0]!.metrics[metric]!).toFixed(4);
console.log(`${tune ? 'validation' : 'test'}, ${users.length} users, all items ranked, ${seconds()} s`);
for (const k of KS)
  console.log(`Recall@${k} ${of(`recall@${k}`)}  NDCG@${k} ${of(`ndcg@${k}`)}  HR@${k} ${of(`hr@${k}`)}`);
teacher.dispose();
