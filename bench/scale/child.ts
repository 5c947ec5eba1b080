import type {
  InteractionSource,
  Snapshots,
  TrainingSource,
} from '../../src/domain/data/interaction-source.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { SoftmaxSettings } from '../../src/teacher/kinds/softmax.ts';
import { type BackendName, createEngine } from '../../src/tensor/engine.ts';
import type { Fit, RunningStage } from '../../src/training/run/run.ts';
import type { Task } from '../../src/training/task.ts';
import { prepareRanking } from '../../src/training/tasks/ranking/prepare.ts';
import { openRanking, ranking } from '../../src/training/tasks/ranking/task.ts';
import type { TrainedStudent } from '../../src/training/tasks/ranking/train-student.ts';
import type { RankingTeacher } from '../../src/training/teachers/teacher-setup.ts';
import { emptyAssessment } from '../lib/empty-report.ts';
import { runJob } from '../lib/run-job.ts';
import { syntheticRatings } from './generator.ts';
import { createPhaseClock } from './phase-clock.ts';
import type { ScaleCase, ScaleResult } from './result.ts';

// A distillation job on one size of data in a process of its own, so that the memory of the others does not count. The
// settings are its defaults, but for the number of epochs.

process.once('message', async (work: ScaleCase) => {
  const result = await run(work);
  process.send!(result, () => process.exit(0));
});

async function run(work: ScaleCase): Promise<ScaleResult> {
  const engine = await createEngine({ backend: work.backend as 'auto' | BackendName });
  const { name, tensorflow, threads } = engine.report;
  const result = { case: work, backend: name, tensorflow, threads, seconds: {}, peakMiB: {} } as ScaleResult;
  const peak = (stage: string) => {
    result.peakMiB[stage] = Math.round(process.resourceUsage().maxRSS / 1024);
    process.stderr.write(`${work.users} users: ${stage} done, peak RSS ${result.peakMiB[stage]} MiB\n`);
  };
  peak('start');
  const source = timedSource(syntheticRatings(work));
  const interactions: Snapshots = {
    async snapshot(read) {
      const [data, seconds] = await timed(() => read(source));
      result.seconds.generate = source.seconds();
      result.seconds.build = seconds - source.seconds();
      peak('build');
      return data;
    },
  };
  const spec = completeDistillation({
    model: 'scale',
    teacher: { kind: 'softmax' },
    distillation: { seed: work.seed },
    evaluation: { refit: false },
    ...(work.allRatings ? { dataset: { types: { rating: { weight: 1 } } } } : {}),
  });
  await runJob({ spec, interactions, engine, variant: measured(result, peak) });
  return result;
}

/** The job's task with the time and memory of its parts. It has no control, and stores no teacher. */
function measured(result: ScaleResult, peak: (stage: string) => void): Task<RankingTeacher, TrainedStudent> {
  const { epochs, evaluate } = result.case;
  return {
    ...ranking,
    async open(run) {
      const [prepared, prepareSeconds] = await timed(() => prepareRanking(run));
      const { data, split, settings: plan, validation } = prepared;
      const { generate, build } = result.seconds;
      result.seconds.split = prepareSeconds - generate - build;
      result.pairs = data.dataset.matrix.indices.length;
      result.train = split.train.indices.length;
      peak('split');
      const settings = {
        ...plan,
        teacher: { ...(plan.teacher as SoftmaxSettings), epochs },
        distillation: { ...plan.distillation, epochs },
      };
      const clock = createPhaseClock(settings.teacher.batchSize);
      const opened = openRanking(run, { ...prepared, settings, validation: clock.watch(validation) });
      return {
        ...opened,
        async teach({ fit, ...stage }) {
          const teacher = await opened.teach({ ...stage, fit: clocked(fit, clock) });
          result.teacher = clock.result();
          peak('teacher');
          return teacher;
        },
        async transfer(teacher, fit) {
          const studentClock = createPhaseClock(settings.distillation.batchSize);
          const train = await opened.transfer(teacher, fit);
          return async (again) => {
            const student = await train({ ...again, onProgress: studentClock.onProgress });
            result.distillation = studentClock.result();
            peak('distillation');
            return student;
          };
        },
        controls: [],
        async assess({ teacher, student }, advance) {
          if (!evaluate) return emptyAssessment(data.dataset.hash, settings);
          // The student stands in for the controls too, which cost the same to evaluate.
          const best = { weights: student.weights, description: 'the student', tried: [] };
          const controls = [{ alone: student, best, dispose() {} }];
          const [assessment, seconds] = await timed(() =>
            opened.assess({ teacher, student, controls, repeats: [] }, advance),
          );
          result.seconds.evaluation = seconds;
          result.ndcg = Object.fromEntries(
            assessment.report.models.map(({ name, metrics }) => [name, metrics['ndcg@10']!.value]),
          );
          peak('evaluation');
          return assessment;
        },
        storable: () => [],
      };
    },
  };
}

function clocked(fit: RunningStage['fit'], { onProgress }: Pick<Fit, 'onProgress'>): RunningStage['fit'] {
  return async (...loop) => ({ ...(await fit(...loop)), onProgress });
}

async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const value = await work();
  return [value, (performance.now() - started) / 1000];
}

/** Keeps the time of making the rows apart from that of reading them. */
function timedSource(source: InteractionSource): TrainingSource & { seconds(): number } {
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
    async *items() {},
    async *users() {},
    seconds: () => ms / 1000,
  };
}
