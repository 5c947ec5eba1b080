import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Job, JobState } from '../../../domain/jobs/job.ts';
import { Badge, type Tone } from '../../parts/notice.ts';
import { linkTo } from '../../router.ts';

const TONES: Record<JobState, Tone | 'quiet'> = {
  queued: 'quiet',
  running: 'info',
  succeeded: 'good',
  failed: 'bad',
  cancelling: 'warn',
  cancelled: 'quiet',
};

export function StateBadge({ state }: { state: JobState }): VNode {
  return html`<${Badge} tone=${TONES[state]}>${state}<//>`;
}

const KINDS: Record<string, string> = {
  interactions: 'Import of interactions',
  items: 'Import of items',
  users: 'Import of users',
  teacher: 'Import of a teacher',
};

/** Name of a job, by what it is about. */
export function jobName({ model, spec }: Pick<Job, 'model' | 'spec'>): string {
  if (!('kind' in spec)) return model ?? 'Distillation';
  const name = KINDS[spec.kind] ?? 'Import';
  return spec.dryRun ? `${name}, dry run` : name;
}

export const reportLink = (model: string, version: number): string => linkTo(['report', model, version]);

/** Seconds that a job has run, so far or in all; null before it ran. */
export function secondsOf(
  { startedAt, finishedAt }: Pick<Job, 'startedAt' | 'finishedAt'>,
  now: number,
): number | null {
  if (startedAt === null) return null;
  const until = finishedAt === null ? now : Date.parse(finishedAt);
  return Math.max(0, until - Date.parse(startedAt)) / 1000;
}
