import { messageOf, problem } from '../../core/errors.ts';
import { hashOf } from '../../core/hash.ts';
import type { Rng } from '../../core/rng.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { JobProgress } from '../../domain/jobs/job.ts';
import type { CurveReport } from '../../domain/reports/curve-report.ts';
import type { TrainingContext } from '../../teacher/contract.ts';
import type { Engine } from '../../tensor/engine.ts';
import { createCurves } from './curves.ts';
import { createLiveFate, type LiveFate } from './live-fate.ts';
import type { Stage } from './progress.ts';
import type { RunOptions, StartedRun } from './run-options.ts';
import type { ExpectedStage } from './timeline.ts';

/** The part of a training loop's context that does not depend on its data. */
export type Fit = Pick<TrainingContext, 'engine' | 'rng' | 'signal' | 'onProgress' | 'resume'>;

/** A stage of the job while it runs. */
export interface RunningStage {
  /**
   * Makes what a training loop of this stage gets.
   * @param identity all that the loop's weights depend on: with it the loop keeps checkpoints and goes on from one
   * @param loop which of the stage's loops it is
   */
  fit(identity?: readonly unknown[], loop?: number, loops?: number): Promise<Fit>;
  /** Reports how far the stage is. */
  report(fraction: number, more?: Partial<JobProgress>): void;
  /** Reports it and lets signals and messages in, between batches of work that never waits by itself. @throws problem('cancelled') */
  advance(fraction: number, more?: Partial<JobProgress>): Promise<void>;
}

/** One job on its way: what its task and the pipeline share. */
export interface Run
  extends Pick<
    RunOptions,
    'store' | 'artifacts' | 'stages' | 'signal' | 'logger' | 'timedAnswers' | 'onAnswer'
  > {
  jobId: string;
  /** The first job of the request, where this is one of several students. */
  contest?: string;
  spec: CompleteDistillation;
  /** Memory that this process may take; no limit is known where it is absent. */
  memoryMiB?: number;
  engine: Engine;
  rng: Rng;
  /** Reports that the stage begins and notes how long it takes. @throws problem('cancelled') instead of beginning it */
  stage<R>(name: Stage, work: (stage: RunningStage) => Promise<R>): Promise<R>;
  /** Tells how much time stages are expected to take, once the size of the data is known. */
  expect(stages: readonly ExpectedStage[]): void;
  /** Shows a warning with the job at once; it is in the report too. */
  warn(message: string): void;
  /** All warnings so far. */
  warnings: readonly string[];
  /** The seconds that each stage took, by its name. */
  seconds: Readonly<Record<string, number>>;
  /** Notes what became of the comparison with the version that is live. */
  live: LiveFate;
  /** Returns every training loop so far, epoch by epoch. */
  curves(): readonly CurveReport[];
}

/** A stage that waits, for the database or a file, says so often that it is alive. */
const BEAT_MS = 1000;

export function createRun(started: StartedRun): Run {
  const { task, store, artifacts, stages, signal, logger, timedAnswers, engine, rng, progress } = started;
  const warnings: string[] = [];
  const seconds: Record<string, number> = {};
  const curves = createCurves();
  const refuseCancelled = (stage: Stage) => {
    if (signal.aborted) throw problem('cancelled', `the job was cancelled in the stage ${stage}`);
  };

  const running = (stage: Stage): RunningStage => ({
    async fit(identity, loop = 0, loops = 1) {
      const place = loops > 1 ? [loop] : [];
      const tell = progress.fitting(stage, loop, loops);
      const keep = curves.listen({ stage, loop, loops, metric: progress.metric });
      return {
        engine,
        rng,
        signal,
        onProgress(now) {
          keep(now);
          tell(now);
        },
        ...(identity && {
          resume: await stages.resume([stage, ...place].join('-'), hashOf(stage, ...identity, ...place)),
        }),
      };
    },
    report: (fraction, more) => progress.send(stage, fraction, more),
    async advance(fraction, more) {
      progress.send(stage, fraction, more);
      await new Promise((resolve) => setImmediate(resolve));
      refuseCancelled(stage);
    },
  });

  return {
    ...{ jobId: task.jobId, spec: task.spec, store, artifacts, stages, signal, logger, engine, rng },
    ...{ warnings, seconds, curves: curves.all, live: createLiveFate() },
    ...(task.contest !== undefined && { contest: task.contest }),
    ...(task.memoryMiB !== undefined && { memoryMiB: task.memoryMiB }),
    ...(timedAnswers !== undefined && { timedAnswers }),
    ...(started.onAnswer && { onAnswer: started.onAnswer }),
    expect: progress.expect,
    warn(message) {
      warnings.push(message);
      started.onWarning(message);
    },
    async stage(name, work) {
      refuseCancelled(name);
      progress.begin(name);
      progress.send(name, 0);
      refuseCancelled(name);
      const ended = started.onStage?.(name);
      const from = performance.now();
      const heartbeat = setInterval(progress.again, BEAT_MS);
      try {
        const result = await work(running(name));
        ended?.();
        return result;
      } catch (error) {
        ended?.(messageOf(error));
        throw error;
      } finally {
        clearInterval(heartbeat);
        progress.end();
        seconds[name] = Math.round(performance.now() - from) / 1000;
      }
    },
  };
}
