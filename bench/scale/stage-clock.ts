import type { JobProgress } from '../../src/domain/jobs/job.ts';
import { etaErrors, type Told } from './eta-errors.ts';
import type { ScaleResult, StageResult } from './result.ts';

/** Clocks of the process that is measured. */
export interface Clocks {
  seconds(): number;
  /** The clock by which the job tells the time left. */
  told(): number;
  cpuSeconds(): number;
  peakMiB(): number;
}

/** Takes time and memory of a job's stages from outside, from the progress that it reports. */
export function createStageClock(clocks: Clocks) {
  const begun = { seconds: clocks.seconds(), cpu: clocks.cpuSeconds(), told: clocks.told() };
  const stages: StageResult[] = [];
  const told: Told[] = [];
  let opened: { seconds: number; cpu: number } = begun;
  let last = { seconds: begun.seconds, fraction: 0 };

  function look(): void {
    const now = clocks.seconds();
    const stage = stages.at(-1);
    if (!stage) return;
    stage.seconds = now - opened.seconds;
    stage.cpuSeconds = clocks.cpuSeconds() - opened.cpu;
    stage.peakMiB = clocks.peakMiB();
    const silent = now - last.seconds;
    if (silent > stage.silence.seconds) stage.silence = { seconds: silent, at: last.fraction };
  }

  return {
    onProgress({ stage, fraction, etaSeconds }: JobProgress): void {
      look();
      const now = clocks.seconds();
      if (stage !== stages.at(-1)?.stage) {
        opened = { seconds: now, cpu: clocks.cpuSeconds() };
        stages.push({ stage, seconds: 0, cpuSeconds: 0, peakMiB: 0, silence: { seconds: 0, at: fraction } });
      }
      last = { seconds: now, fraction };
      if (etaSeconds !== undefined) told.push({ at: clocks.told(), fraction, etaSeconds });
    },
    /** To be called at the end of the job. */
    result(): Pick<ScaleResult, 'stages' | 'etas' | 'etaErrors'> {
      look();
      const end = clocks.told();
      const etas = [];
      for (let tenth = 1; tenth <= 9; tenth++) {
        const first = told.find(({ fraction }) => fraction >= tenth / 10);
        if (first) etas.push({ at: first.fraction, told: first.etaSeconds, left: end - first.at });
      }
      return { stages, etas, etaErrors: etaErrors(told, begun.told, end) };
    },
  };
}
