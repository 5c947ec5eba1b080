import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import { columnSums, selectRows } from '../../../dataset/matrix.ts';
import type { Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { askedWith, historyFor, type Split } from '../../../dataset/split/split.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { learnsSets } from '../../../domain/tasks/labels-spec.ts';
import { evaluate, evaluatedUsers } from '../../../evaluation/evaluate.ts';
import { learnIalsItems } from '../../../teacher/kinds/ials-items.ts';
import { planUnobserved } from '../../../teacher/kinds/matrix-factorization.ts';
import { scoresOfModel } from '../../controls/small-model.ts';
import type { Run } from '../../run/run.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';

/** Weights of an item by that of the one after it that are tried; 1 forgets the order. */
const TRIED = [1, 0.98, 0.95, 0.9];
/** The model that is asked: enough to tell the weights apart, and learned in seconds. */
const IALS = { dimensions: 32, regularization: 0.01 };
const MOST_USERS = { learned: 10_000, asked: 1000 };
const LEAST_ASKED = 100;
/** Standard errors by which a weight has to be better than none. */
const BEYOND = 2;
const K = 10;

export interface RecencyTrial {
  recency: number;
  /** NDCG@10 on validation of iALS that reads histories so. */
  metric: number;
}

export interface RecencyChoice {
  /** Unset where all items of a history weigh alike. */
  recency?: number;
  tried?: RecencyTrial[];
}

/**
 * Decides how much less an item of a history says than the one after it: as the job says, as the version that teaches has it, or as
 * validation says of a small model, which is asked with histories of several kinds. Teachers, students and controls are asked with
 * such histories then, in the report as in serving. What they learn from keeps its weights.
 * @throws problem('cancelled')
 */
export async function chooseRecency(
  { engine, signal, spec }: Pick<Run, 'engine' | 'signal' | 'spec'>,
  split: Split,
  found: Pick<FoundTeacher, 'stored' | 'imported'>,
  unlisted: Unlisted,
  rng: Rng,
): Promise<RecencyChoice> {
  if (!mayFade(spec, split)) return {};
  const named =
    spec.student.recency ?? (found.stored ? (found.stored.previous.weights.recency ?? 1) : undefined);
  if (named !== undefined) return named === 1 ? {} : { recency: named };
  if (found.imported) return {};
  const { known, heldOut, hidden } = maskedFor(split, unlisted, 'validation');
  const users = rng.shuffle(evaluatedUsers(heldOut)).subarray(0, MOST_USERS.asked);
  if (users.length < LEAST_ASKED) return {};
  const learning = rng.shuffle(usersWithHistory(split.train)).slice(0, MOST_USERS.learned).sort();
  const train = selectRows(split.train, learning);
  const letIn = async () => {
    await breathe();
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
  };
  const size = { users: train.rows, items: train.columns, pairs: train.indices.length };
  const ridge = { regularization: IALS.regularization, unobservedWeight: planUnobserved(size) };
  const width = Math.min(IALS.dimensions, train.columns);
  const itemsOut = await learnIalsItems(
    engine,
    train,
    { ...ridge, dimensions: width },
    rng.fork('ials'),
    letIn,
  );
  const scores = scoresOfModel(engine, { description: 'iALS', width, itemsOut, user: { solved: ridge } });
  const shown = historyFor(split, 'validation');
  const part = (pairs: typeof known) => selectRows(pairs, users);
  const rankers = TRIED.map((recency) => ({
    name: `${recency}`,
    histories: part(askedWith(split, shown, spec.student.maxHistory, recency)),
    scores,
  }));
  const { outcomes } = await evaluate(
    rankers,
    {
      histories: rankers[0]!.histories,
      known: part(known),
      heldOut: part(heldOut),
      hidden,
      popularity: columnSums(train),
    },
    { ks: [K], losses: false, onBatch: letIn },
  );
  const each = outcomes.map(({ metrics }) => metrics[`ndcg@${K}`]!);
  const tried = TRIED.map((recency, i) => ({ recency, metric: mean(each[i]!) }));
  const best = tried.reduce((top, { metric }, i) => (metric > tried[top]!.metric ? i : top), 0);
  const gains = each[best]!.map((value, user) => value - each[0]![user]!);
  const isNoise = mean(gains) <= BEYOND * standardError(gains);
  return { tried, ...(!isNoise && { recency: TRIED[best]! }) };
}

/** False where order counts already, or histories have none that is known: of items that are held out, of sets and without times. */
function mayFade(spec: CompleteDistillation, { newest, train }: Split): boolean {
  if (spec.task !== 'single-label' || learnsSets(spec) || spec.evaluation.coldItems) return false;
  if (train.order || !newest) return false;
  return newest.time.some((time) => !Number.isNaN(time));
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function standardError(values: Float64Array): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
}
