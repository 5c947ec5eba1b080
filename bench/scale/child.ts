import { createRng } from '../../src/core/rng.ts';
import { buildDataset } from '../../src/dataset/build.ts';
import { splitPairs } from '../../src/dataset/split/split.ts';
import type { InteractionSource } from '../../src/domain/data/interaction-source.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { TrainingContext } from '../../src/teacher/contract.ts';
import type { SoftmaxSettings } from '../../src/teacher/kinds/softmax.ts';
import { trainTeacher } from '../../src/teacher/registry.ts';
import { type BackendName, createEngine } from '../../src/tensor/engine.ts';
import { planWeighting } from '../../src/training/run/plan-job.ts';
import { assess } from '../../src/training/tasks/ranking/assess.ts';
import { planTraining } from '../../src/training/tasks/ranking/plan.ts';
import { trainDistilled } from '../../src/training/tasks/ranking/train-student.ts';
import { createValidation } from '../../src/training/tasks/ranking/validation.ts';
import { syntheticRatings } from './generator.ts';
import { createPhaseClock } from './phase-clock.ts';
import type { ScaleCase, ScaleResult } from './result.ts';

// One size of data in a process of its own, so that the memory of the others does not count. What a distillation job
// does, without a store: the settings are its defaults, but for the number of epochs.

process.once('message', async (work: ScaleCase) => {
  const result = await run(work);
  process.send!(result, () => process.exit(0));
});

async function run(work: ScaleCase): Promise<ScaleResult> {
  const spec = completeDistillation({
    model: 'scale',
    teacher: { kind: 'softmax' as const },
    ...(work.allRatings ? { dataset: { types: { rating: { weight: 1 } } } } : {}),
  });
  const rng = createRng(work.seed);
  const engine = await createEngine({ backend: work.backend as 'auto' | BackendName });
  const peakMiB: Record<string, number> = {};
  const peak = (stage: string) => {
    peakMiB[stage] = Math.round(process.resourceUsage().maxRSS / 1024);
    process.stderr.write(`${work.users} users: ${stage} done, peak RSS ${peakMiB[stage]} MiB\n`);
  };
  peak('start');

  const source = timedSource(syntheticRatings(work));
  const [dataset, buildSeconds] = await timed(() => buildDataset(source, planWeighting(spec)));
  peak('build');
  const [split, splitSeconds] = await timed(() => splitPairs(dataset, spec.dataset.split, rng.fork('split')));
  peak('split');

  const plan = planTraining(spec, { users: dataset.users.length, items: dataset.items.length });
  const settings = {
    ...plan,
    teacher: { ...(plan.teacher as SoftmaxSettings), epochs: work.epochs },
    distillation: { ...plan.distillation, epochs: work.epochs },
  };
  const validation = createValidation(split, settings.patience, rng.fork('validation'));
  const context = (clock: ReturnType<typeof createPhaseClock>): TrainingContext => ({
    engine,
    rng,
    train: split.train,
    validation: clock.watch(validation),
    signal: new AbortController().signal,
    onProgress: clock.onProgress,
  });
  const teacherClock = createPhaseClock(settings.teacher.batchSize);
  const teacher = await trainTeacher(settings.teacher, context(teacherClock));
  peak('teacher');
  const studentClock = createPhaseClock(settings.distillation.batchSize);
  const student = await trainDistilled(teacher, settings, context(studentClock));
  peak('distillation');

  const seconds: ScaleResult['seconds'] = {
    generate: source.seconds(),
    build: buildSeconds - source.seconds(),
    split: splitSeconds,
  };
  let ndcg: ScaleResult['ndcg'];
  if (work.evaluate) {
    // The student stands in for the control too, which costs the same to evaluate.
    const contestants = { teacher, student, alone: student.weights };
    const [report, evaluation] = await timed(() =>
      assess(contestants, { split, dataset }, settings, rng.fork('bootstrap'), () => undefined),
    );
    seconds.evaluation = evaluation;
    ndcg = Object.fromEntries(report.rankers.map((r) => [r.name, r.metrics['ndcg@10']!.value]));
    peak('evaluation');
  }
  return {
    case: work,
    backend: engine.report.name,
    tensorflow: engine.report.tensorflow,
    threads: engine.report.threads,
    pairs: dataset.matrix.indices.length,
    train: split.train.indices.length,
    seconds,
    teacher: teacherClock.result(),
    distillation: studentClock.result(),
    peakMiB,
    ndcg,
  };
}

async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const value = await work();
  return [value, (performance.now() - started) / 1000];
}

/** Keeps the time of making the rows apart from that of reading them. */
function timedSource(source: InteractionSource): InteractionSource & { seconds(): number } {
  let ms = 0;
  return {
    dictionary: source.dictionary,
    async *interactions() {
      let asked = performance.now();
      for await (const chunk of source.interactions()) {
        ms += performance.now() - asked;
        yield chunk;
        asked = performance.now();
      }
    },
    seconds: () => ms / 1000,
  };
}
