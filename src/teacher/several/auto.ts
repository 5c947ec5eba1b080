import { AppError } from '../../core/errors.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TeacherTrial, TrainingContext } from '../contract.ts';
import { isTrainingFailure } from '../training-failure.ts';
import { withTried } from '../wrap.ts';
import { createBrake } from './brake.ts';
import { AVERAGE, createEnsemble, type Member } from './ensemble.ts';
import { chooseWeights, type KeptAnswers, keepAnswers, weighOnValidation } from './ensemble-weights.ts';

/** Settings of any teacher that is one model. */
interface Settings {
  kind: string;
}

/** A kind that is not tried, with the seconds that it is estimated to take. */
export interface LeftOut {
  kind: string;
  seconds: number;
  /** Memory that it takes, where that is more than the trainer may take. */
  memoryMiB?: number;
}

export interface AutoSettings<S extends Settings = Settings> {
  kind: 'auto';
  /** Estimated seconds that the candidates may take together. */
  budgetSeconds: number;
  /** The candidates in the order in which they are trained; without validation the first is kept. */
  candidates: S[];
  /** Kinds for which the budget has no time. */
  leftOut: LeftOut[];
}

/** A member must lift the metric by this share of it, so that chance alone adds none. */
const LEAST_GAIN = 0.003;
/** The search ends after so many candidates in succession that gained nothing. */
const PATIENCE = 3;
/** Steps of the ensemble selection. */
const MIXING_STEPS = 10;

/** The best so far: one teacher, or several with their weights. */
interface Best {
  members: Member[];
  metric: number;
}

/**
 * Trains the candidates one after the other, and keeps the best on validation: one of them, or a blend into which each new one was
 * mixed with the share that was best. It stops when two in succession gained nothing. A candidate that does not fit the memory or
 * diverges is left out; the last one's failure is the job's. The clock is an emergency brake alone.
 */
export async function trainAuto<S extends Settings>(
  { candidates, leftOut, budgetSeconds }: AutoSettings<S>,
  context: TrainingContext,
  train: (settings: S, context: TrainingContext) => Promise<Teacher>,
  secondsOf: (settings: S) => number = () => 1,
): Promise<Teacher> {
  const used = context.validation ? candidates : candidates.slice(0, 1);
  const parts = partsOf(used.map(secondsOf));
  const tried: TeacherTrial[] = [];
  const brake = createBrake(budgetSeconds, context.signal);
  const answers = keepAnswers(AVERAGE);
  let best: Best | undefined;
  let idle = 0;
  const trainOne = (i: number, signal: AbortSignal) =>
    train(used[i]!, { ...partOf(context, i, used.length, parts), signal });
  try {
    const models = used.map((settings) => ({ settings, seconds: secondsOf(settings) }));
    if (used.length > 1) await context.parts?.begin(models, (i) => trainOne(i, context.signal));
    for (const [i, settings] of used.entries()) {
      const why = endOf(idle) ?? (best && brake.reason());
      if (why) {
        tried.push(skipped(settings.kind, why));
        continue;
      }
      const started = performance.now();
      const seconds = () => Math.round((performance.now() - started) / 100) / 10;
      let teacher: Teacher;
      try {
        // There has to be one teacher: the brake is for those after it.
        const signal = best ? brake.signal : context.signal;
        const own = () => trainOne(i, signal);
        teacher = await (context.parts && used.length > 1 ? context.parts.obtain(i, signal, own) : own());
      } catch (error) {
        const failure = failureOf(error, brake.reason());
        const isLast = i === used.length - 1 && !best;
        if (isLast || failure === undefined || context.signal.aborted) throw error;
        tried.push({ description: settings.kind, metric: null, seconds: seconds(), failure });
        continue;
      }
      const before: Best | undefined = best;
      best = await betterOf(before, teacher, { ...context, answers }, (trial) =>
        tried.push({ ...trial, seconds: seconds() }),
      );
      idle = best === before ? idle + 1 : 0;
    }
    for (const { kind, seconds, memoryMiB } of leftOut) {
      const takes = memoryMiB === undefined ? `${seconds} s` : `${memoryMiB} MiB`;
      const limit =
        memoryMiB === undefined ? `the budget is ${budgetSeconds} s` : 'this trainer may not take that much';
      tried.push(skipped(kind, `left out: it is estimated to take ${takes}, and ${limit}`));
    }
    return withTried(winnerOf(context, best!), tried);
  } catch (error) {
    for (const { teacher } of best?.members ?? []) teacher.dispose();
    throw error;
  } finally {
    brake.release();
  }
}

type Judging = TrainingContext & { answers: KeptAnswers };

function release(teacher: Teacher, answers: KeptAnswers): void {
  answers.forget(teacher);
  teacher.dispose();
}

/**
 * Returns the best of what there was, the new teacher alone, and a blend of both. Teachers that are not in it are released, also
 * when this fails; those that were there before stay then.
 */
async function betterOf(
  before: Best | undefined,
  teacher: Teacher,
  context: Judging,
  report: (trial: Omit<TeacherTrial, 'seconds'>) => void,
): Promise<Best> {
  const alone = [{ teacher, weight: 1 }];
  try {
    const metric = await metricOf(teacher, context);
    report({ description: teacher.description, metric });
    if (!before) return { members: alone, metric };
    const mixed = await mixedWith(before, teacher, context);
    const isBlend = mixed.members.length > 1;
    if (isBlend) report({ description: mixed.description, metric: mixed.metric });
    const least = (1 + LEAST_GAIN) * before.metric;
    if (isBlend && mixed.metric > Math.max(least, metric)) {
      const kept = new Set(mixed.members.map((member) => member.teacher));
      for (const other of [...before.members.map((member) => member.teacher), teacher])
        if (!kept.has(other)) release(other, context.answers);
      return { members: mixed.members, metric: mixed.metric };
    }
    if (metric <= before.metric) {
      release(teacher, context.answers);
      return before;
    }
    for (const member of before.members) release(member.teacher, context.answers);
    return { members: alone, metric };
  } catch (error) {
    teacher.dispose();
    throw error;
  }
}

/** Ensemble selection among the new teacher and those of the best so far. */
async function mixedWith(
  { members }: Best,
  teacher: Teacher,
  { engine, validation, signal, answers }: Judging,
): Promise<Best & { description: string }> {
  const all = [...members.map((member) => member.teacher), teacher];
  const onValidation = weighOnValidation(all, AVERAGE, validation!, signal, answers);
  const weights = await chooseWeights(onValidation, all.length, MIXING_STEPS);
  const blend = all.flatMap((one, i) => (weights[i]! > 0 ? [{ teacher: one, weight: weights[i]! }] : []));
  const metric = await onValidation.metric(weights);
  return { members: blend, metric, description: createEnsemble(engine, blend).description };
}

const winnerOf = ({ engine }: TrainingContext, { members }: Best): Teacher =>
  members.length === 1 ? members[0]!.teacher : createEnsemble(engine, members);

function endOf(idle: number): string | undefined {
  return idle < PATIENCE ? undefined : `not tried: the last ${idle} gained nothing`;
}

function skipped(kind: string, failure: string): TeacherTrial {
  return { description: kind, metric: null, seconds: 0, failure };
}

async function metricOf(teacher: Teacher, { validation, answers }: Judging): Promise<number> {
  if (!validation) return 0;
  return validation.metric((histories) => {
    const scores = readAndDispose(teacher.scores(histories));
    answers.put(teacher, histories, scores);
    return scores;
  });
}

/** Where each part begins and ends, as shares of them all. */
function partsOf(seconds: readonly number[]): { from: number; to: number }[] {
  const whole = seconds.reduce((sum, own) => sum + own, 0);
  let from = 0;
  return seconds.map((own) => {
    const to = from + own / whole;
    const part = { from, to };
    from = to;
    return part;
  });
}

/**
 * Its share of the progress; a checkpoint of one candidate would be read by another, so there are none.
 * @param parts where each begins and ends; all alike by default
 */
export function partOf(
  context: TrainingContext,
  index: number,
  count: number,
  parts = partsOf(new Array(count).fill(1)),
): TrainingContext {
  const { from, to } = parts[index]!;
  return {
    ...context,
    resume: undefined,
    parts: undefined,
    onProgress: (progress) =>
      context.onProgress({
        ...progress,
        model: progress.model ?? `${index + 1} of ${count}`,
        fraction: from + (to - from) * progress.fraction,
      }),
  };
}

/** Why a candidate is left out; undefined for errors that are no reason to go on. */
function failureOf(error: unknown, braked: string | undefined): string | undefined {
  if (isTrainingFailure(error)) return error.detail;
  return error instanceof AppError && error.code === 'cancelled' ? braked : undefined;
}
