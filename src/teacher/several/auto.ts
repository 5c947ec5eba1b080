import { AppError } from '../../core/errors.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TeacherTrial, TrainingContext } from '../contract.ts';
import { createEnsemble } from './ensemble.ts';

/** Settings of any teacher that is one model. */
interface Settings {
  kind: string;
}

export interface AutoSettings<S extends Settings = Settings> {
  kind: 'auto';
  /** The candidates in the order in which they are trained; without validation the first is kept. */
  candidates: S[];
}

interface Contestant {
  teacher: Teacher;
  metric: number;
}

/**
 * Trains every candidate and keeps the best on validation, or the average of the two best, or of all, where that is better.
 * A candidate that does not fit the memory or diverges is left out; the last one's failure is the job's.
 */
export async function trainAuto<S extends Settings>(
  { candidates }: AutoSettings<S>,
  context: TrainingContext,
  train: (settings: S, context: TrainingContext) => Promise<Teacher>,
): Promise<Teacher> {
  const tried: TeacherTrial[] = [];
  const contestants: Contestant[] = [];
  const used = context.validation ? candidates : candidates.slice(0, 1);
  try {
    for (const [i, settings] of used.entries()) {
      const started = performance.now();
      const seconds = () => Math.round((performance.now() - started) / 100) / 10;
      try {
        const teacher = await train(settings, partOf(context, i, used.length));
        contestants.push({ teacher, metric: Number.NEGATIVE_INFINITY });
        const metric = await metricOf(teacher, context);
        contestants.at(-1)!.metric = metric;
        tried.push({ description: teacher.description, metric, seconds: seconds() });
      } catch (error) {
        const isLast = i === used.length - 1 && contestants.length === 0;
        if (isLast || !isPassable(error)) throw error;
        tried.push({ description: settings.kind, metric: null, seconds: seconds(), failure: error.detail });
      }
    }
    return await bestOf(contestants, context, tried);
  } catch (error) {
    for (const { teacher } of contestants) teacher.dispose();
    throw error;
  }
}

/** The contestants that are not kept are released. */
async function bestOf(
  contestants: Contestant[],
  context: TrainingContext,
  tried: TeacherTrial[],
): Promise<Teacher> {
  contestants.sort((a, b) => b.metric - a.metric);
  let best = contestants.slice(0, 1);
  let metric = best[0]!.metric;
  for (let count = 2; count <= contestants.length; count++) {
    const members = contestants.slice(0, count);
    const average = averageOf(context, members);
    const own = await metricOf(average, context);
    tried.push({ description: average.description, metric: own, seconds: 0 });
    if (own > metric) [best, metric] = [members, own];
  }
  for (const loser of contestants.splice(0)) if (!best.includes(loser)) loser.teacher.dispose();
  const winner = best.length === 1 ? best[0]!.teacher : averageOf(context, best);
  return { ...winner, tried, state: () => ({ ...winner.state(), tried }) };
}

/** Owns its members. */
function averageOf({ engine }: TrainingContext, contestants: readonly Contestant[]): Teacher {
  return createEnsemble(
    engine,
    contestants.map(({ teacher }) => ({ teacher, weight: 1 })),
  );
}

async function metricOf(teacher: Teacher, { validation }: TrainingContext): Promise<number> {
  if (!validation) return 0;
  return validation.metric((histories) => readAndDispose(teacher.scores(histories)));
}

/** Its share of the progress; a checkpoint of one candidate would be read by another, so there are none. */
export function partOf(context: TrainingContext, index: number, count: number): TrainingContext {
  return {
    ...context,
    resume: undefined,
    onProgress: (progress) =>
      context.onProgress({
        ...progress,
        model: progress.model ?? `${index + 1} of ${count}`,
        fraction: (index + progress.fraction) / count,
      }),
  };
}

function isPassable(error: unknown): error is AppError {
  return error instanceof AppError && ['out-of-memory', 'training-diverged'].includes(error.code);
}
