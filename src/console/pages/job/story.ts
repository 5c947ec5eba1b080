import type { JobEvent, JobProgress } from '../../../domain/jobs/job.ts';

/** One training loop of a stage: what its epochs had, by epoch. */
export interface Curve {
  stage: string;
  /** Which of several models of the stage; null where it trains one. */
  model: string | null;
  epochs: number | null;
  points: Map<number, { losses: Record<string, number>; metrics: Record<string, number> }>;
}

/** All that a job's events tell so far. It grows in place: `seq` says whether there is more. */
export interface Story {
  seq: number;
  /** Milliseconds since 1970; null while it waits. */
  runningSince: number | null;
  endedAt: number | null;
  attempts: number;
  progress: JobProgress | null;
  /** When each stage of the latest attempt began, in order. */
  begun: Map<string, number>;
  curves: Map<string, Curve>;
  warnings: string[];
  /** Memory of the trainer by seconds since 1970. */
  memory: [time: number, mib: number][];
}

const ENDS = ['succeeded', 'failed', 'cancelled'];

export function newStory(): Story {
  return {
    ...{ seq: 0, runningSince: null, endedAt: null, attempts: 0, progress: null },
    ...{ begun: new Map(), curves: new Map(), warnings: [], memory: [] },
  };
}

/** Adds an event; one that is known already changes nothing. */
export function addEvent(story: Story, event: JobEvent): void {
  if (event.seq <= story.seq) return;
  story.seq = event.seq;
  const at = Date.parse(event.at);
  if (event.type === 'state') addState(story, String(event.data.state), at);
  if (event.type === 'warning') story.warnings.push(String(event.data.message ?? ''));
  if (event.type === 'progress') addProgress(story, event.data as JobProgress, at);
}

function addState(story: Story, state: string, at: number): void {
  if (ENDS.includes(state)) story.endedAt = at;
  if (state !== 'running') return;
  // Another attempt goes through the stages again; the epochs of the one before stay.
  story.runningSince ??= at;
  story.attempts++;
  story.begun = new Map();
}

function addProgress(story: Story, progress: JobProgress, at: number): void {
  story.progress = progress;
  if (!story.begun.has(progress.stage)) story.begun.set(progress.stage, at);
  if (progress.rssMiB !== undefined) story.memory.push([at / 1000, progress.rssMiB]);
  if (!progress.epochEnd || progress.epoch === undefined) return;
  const model = progress.model ?? null;
  const key = `${progress.stage}|${model ?? ''}`;
  const curve: Curve = story.curves.get(key) ?? {
    ...{ stage: progress.stage, model, epochs: null, points: new Map() },
  };
  curve.epochs = progress.epochs ?? null;
  curve.points.set(progress.epoch, { losses: progress.losses ?? {}, metrics: progress.metrics ?? {} });
  story.curves.set(key, curve);
}
