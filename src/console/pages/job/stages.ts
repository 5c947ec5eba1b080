import type { JobProgress, JobState } from '../../../domain/jobs/job.ts';
import type { Story } from './story.ts';

export interface StageView {
  name: string;
  state: 'waiting' | 'running' | 'done' | 'stopped';
  /** Share of the stage that is done, 0 to 1. */
  filled: number;
  /** Seconds that it took, or has taken so far; null before it began. */
  seconds: number | null;
  /** Seconds that the plan expected; null where there is no plan. */
  expected: number | null;
}

interface Of {
  state: JobState;
  /** Stages of the job's plan in order, if it has one. */
  planned: readonly { stage: string; seconds: number }[];
  /** Milliseconds since 1970. */
  now: number;
}

/** The stages of a job: those that are planned, and those that came without being planned, each with how far it is. */
export function stagesOf(story: Story, { state, planned, now }: Of): StageView[] {
  const begun = [...story.begun];
  const last = begun.at(-1)?.[0];
  const names = order(
    planned.map(({ stage }) => stage),
    begun.map(([name]) => name),
  );
  const isOver = story.endedAt !== null;
  return names.map((name) => {
    const place = begun.findIndex(([one]) => one === name);
    const expected = planned.find(({ stage }) => stage === name)?.seconds ?? null;
    if (place < 0) {
      // One that is over before it says anything has no time of its own.
      const isPast = state === 'succeeded' || names.indexOf(name) < names.indexOf(last ?? '');
      return { name, state: isPast ? 'done' : 'waiting', filled: isPast ? 1 : 0, seconds: null, expected };
    }
    const until = begun[place + 1]?.[1] ?? story.endedAt ?? now;
    const seconds = Math.max(0, until - begun[place]![1]) / 1000;
    if (name !== last || state === 'succeeded') return { name, state: 'done', filled: 1, seconds, expected };
    const filled = shareOf(story.progress, seconds, expected);
    return { name, state: isOver ? 'stopped' : 'running', filled, seconds, expected };
  });
}

/** Planned stages in their order; one that is not planned comes after the one that it followed. */
function order(planned: readonly string[], begun: readonly string[]): string[] {
  const names = [...planned];
  begun.forEach((name, i) => {
    if (names.includes(name)) return;
    const before = i === 0 ? -1 : names.indexOf(begun[i - 1]!);
    names.splice(before + 1, 0, name);
  });
  return names;
}

/** A stage that tells no epochs is taken to be as far as its time is, and never through before it says so. */
const MOST_GUESSED = 0.95;

function shareOf(progress: JobProgress | null, seconds: number, expected: number | null): number {
  if (!progress) return 0;
  const { epoch, epochs, model } = progress;
  // An import has one stage, so that the fraction of the job is that of the stage.
  if (progress.stage === 'import') return progress.fraction;
  const part = epoch !== undefined && epochs ? epoch / epochs : null;
  const [, of, all] = /^(\d+) of (\d+)$/.exec(model ?? '') ?? [];
  if (of !== undefined) return (Number(of) - 1 + (part ?? 0)) / Number(all);
  if (part !== null) return part;
  return expected ? Math.min(MOST_GUESSED, seconds / expected) : 0;
}

const TITLES: Record<string, string> = {
  data: 'Read data',
  teacher: 'Train teacher',
  transfer: 'Start the student',
  distillation: 'Distil',
  'student-alone': 'Train controls',
  'single-task': 'Train controls',
  seeds: 'More seeds',
  evaluation: 'Evaluate',
  'refit-teacher': 'Refit teacher',
  refit: 'Refit student',
  publishing: 'Publish',
  import: 'Import',
};

/** A stage as people call it. */
export const stageTitle = (name: string): string => TITLES[name] ?? name;
