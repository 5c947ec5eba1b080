import type { DataSize } from '../../dataset/data-size.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { ExpectedCost, PlannedJob } from '../../domain/jobs/job-plan.ts';
import type { ExpectedStage } from '../run/timeline.ts';

/** Seconds of any job: starting a trainer, and writing its artifact. */
const START = 3;
const PUBLISHING = 1;
/** Seconds per interaction that is read. */
const PER_ROW = 4e-6;

/** MiB of any trainer with TensorFlow, per interaction with its indices and copies, and per score of a batch. */
const BASE_MIB = 450;
const ROW_BYTES = 160;
const SCORE_BYTES = 24;
const BATCH = 512;

/** Earlier jobs that the pace is taken from, the newest first; those of another size say little of this one. */
const MOST_JOBS = 10;
const ALIKE = 10;
/** Beyond it something else took the time: a job that waited, or one whose work was kept from before. */
const MOST_PACE = 20;

export interface CostOf {
  stages: readonly ExpectedStage[];
  size: Required<Pick<DataSize, 'users' | 'items' | 'pairs'>>;
  /** Interactions that are read. */
  rows: number;
  /** Memory of a trainer with the greatest of its teachers; 0 where they take little. */
  teacherMiB: number;
  /** True for one of several students whose teacher another job trains. */
  isFollower: boolean;
}

/** The expected cost of a job: what its stages are estimated to take, times the pace of earlier jobs. */
export function expectedCost(
  spec: CompleteDistillation,
  { stages, size, rows, teacherMiB, isFollower }: CostOf,
  earlier: readonly PlannedJob[],
): ExpectedCost {
  const run = [
    { stage: 'data', seconds: START + PER_ROW * rows, isRough: false },
    ...stages
      .filter(({ name }) => isRun(spec, name))
      .map(({ name, work, isRough = false }) => ({
        stage: name,
        seconds: isFollower && name === 'teacher' ? 0 : work,
        isRough,
      })),
    { stage: 'publishing', seconds: PUBLISHING, isRough: false },
  ];
  const plannedSeconds = run.reduce((sum, { seconds }) => sum + seconds, 0);
  const alike = jobsAlike(spec, plannedSeconds, earlier);
  const pace = alike.length === 0 ? 1 : median(alike.map((job) => job.seconds / job.plannedSeconds));
  const isRough = run.some((one) => one.isRough) && alike.length === 0;
  return {
    ...{ seconds: tenths(pace * plannedSeconds), isRough },
    stages: run.map(({ stage, seconds }) => ({ stage, seconds: tenths(pace * seconds) })),
    ...{ plannedSeconds: tenths(plannedSeconds), pace: Math.round(pace * 1000) / 1000 },
    measuredOn: alike.map(({ id }) => id),
    memoryMiB: Math.round(memoryMiB(size, rows, teacherMiB)),
    basis: basisOf(alike, isRough),
  };
}

/** Nothing is known of the cost, and why. */
export function unknownCost(basis: string): ExpectedCost {
  return {
    ...{ seconds: null, isRough: true, stages: [], plannedSeconds: null, pace: 1, measuredOn: [] },
    ...{ memoryMiB: null, basis },
  };
}

function isRun({ evaluation, tasks }: CompleteDistillation, stage: string): boolean {
  if (stage === 'seeds') return (evaluation.seeds ?? 1) > 1;
  if (stage.startsWith('refit')) return evaluation.refit;
  if (stage === 'student-alone') return tasks === undefined;
  if (stage === 'single-task') return tasks !== undefined;
  return true;
}

function jobsAlike(
  { task, tasks }: CompleteDistillation,
  plannedSeconds: number,
  earlier: readonly PlannedJob[],
): PlannedJob[] {
  const kind = tasks ? 'several' : task;
  return earlier
    .filter((job) => {
      const times = job.plannedSeconds / plannedSeconds;
      const pace = job.seconds / job.plannedSeconds;
      return (
        job.task === kind && times < ALIKE && times > 1 / ALIKE && pace < MOST_PACE && pace > 1 / MOST_PACE
      );
    })
    .slice(0, MOST_JOBS);
}

function memoryMiB({ users, items }: CostOf['size'], rows: number, teacherMiB: number): number {
  const scores = SCORE_BYTES * Math.min(BATCH, users) * items;
  // Estimates of teachers are of a whole trainer.
  return Math.max(teacherMiB, BASE_MIB + (ROW_BYTES * rows + scores) / 2 ** 20);
}

function basisOf(alike: readonly PlannedJob[], isRough: boolean): string {
  const rates =
    'Rates per pair, user and item that were measured on two idle cores (docs/defaults.md), for the size of this data';
  if (alike.length === 0) {
    const guess = isRough ? ' A part of them has no rates of its own and is guessed.' : '';
    return `${rates}. No job like it has ended here yet, so that nothing corrects them for this machine.${guess}`;
  }
  return `${rates}, times the median of what ${alike.length === 1 ? 'one earlier job' : `${alike.length} earlier jobs`} of this installation took by their own plans (measuredOn).`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10;
