import { randomUUID } from 'node:crypto';
import { problem } from '../../core/errors.ts';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { Recommendation } from '../../domain/answers/recommendation.ts';
import { fromStudent } from './from-student.ts';
import { admit, type Candidate, present } from './gate.ts';
import { takeOthers } from './others.ts';
import { placePins } from './pins.ts';
import { type Reason, reasonFor, saidAs, whyNotPersonal } from './reason.ts';
import { createGather, type Request, type Sourced, type Subject, type Timing } from './request.ts';
import type { ServingDeps } from './serving-deps.ts';

export type Recommend = (
  subject: Subject,
  options: RecommendOptions,
  timing?: Timing,
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal,
) => Promise<Recommendation>;

/** Recommends from the history as it is now, through the model; popularity answers where that cannot be. */
export function createRecommend(deps: ServingDeps): Recommend {
  const gather = createGather(deps);

  return async (subject, options, timing = { history: 0, vector: 0, scan: 0 }, signal) => {
    refuseContradictions(options);
    const started = performance.now();
    const request = await gather(subject, options);
    timing.history = performance.now() - started;
    signal?.throwIfAborted();

    const personal = request.model && (await fromStudent(request.model, request, deps.now(), timing, signal));
    const reason = personal ? undefined : whyNotPersonal(request, subject);
    if (reason && options.strict) throw problem('not-found', `strict=true, and ${reason.text}`);
    const items = await takePlaces(deps, request, personal);
    return compose(subject, request, items, reason);
  };
}

function refuseContradictions({ fill, strict, scores }: RecommendOptions): void {
  if (!fill) return;
  const against = strict ? 'strict=true' : scores === 'probability' ? 'scores=probability' : null;
  if (against === null) return;
  throw problem(
    'invalid-request',
    `fill=true and ${against} contradict each other: padding is not from the student; leave one out.`,
  );
}

/** The student's items first, then others that fit, pins where they belong, and padding at last where it is asked for. */
async function takePlaces(
  deps: ServingDeps,
  request: Request,
  personal: readonly Sourced[] | null,
): Promise<Sourced[]> {
  const { k, strict, fill } = request.options;
  const best = await admit(request.conditions, personal ?? []);
  // Probabilities are of the student; a place beside them would have none.
  const isPure = strict || (personal !== null && personal.length > 0 && request.scale !== null);
  const others = isPure ? [] : await takeOthers(deps, request, k - best.length, best);
  const pinned = await placePins([...best, ...others], request, k);
  if (!fill) return pinned;
  return [...pinned, ...(await takeOthers(deps, request, k - pinned.length, pinned, 'padding'))];
}

/** Counts the items that a short answer would have, had they not been shown too often. */
async function countResting(
  { conditions, worn, model, options }: Request,
  items: readonly Candidate[],
): Promise<number> {
  const fitting = items.filter(({ source }) => source !== 'padding');
  if (worn.size === 0 || fitting.length >= options.k) return 0;
  const isPure = options.strict || options.scores === 'probability';
  const there = new Set(fitting.map(({ itemId }) => itemId));
  const candidates = [...worn].filter((id) => !there.has(id) && (!isPure || model?.rowOf.has(id)));
  const rested = await admit(
    { ...conditions, worn: new Set() },
    candidates.map((itemId) => ({ itemId })),
  );
  return rested.length;
}

async function compose(
  subject: Subject,
  request: Request,
  items: Sourced[],
  notPersonal: Reason | undefined,
): Promise<Recommendation> {
  const sources = new Set(items.map(({ source }) => source));
  const [only] = sources;
  const source = sources.size > 1 ? 'mixed' : (only ?? (notPersonal ? 'popularity' : 'student'));
  const { model, warnings, conditions, options } = request;
  const reason = reasonFor(request, items, notPersonal, await countResting(request, items));
  const isCounted = sources.has('popularity') || sources.has('latest');
  return {
    userId: subject.userId,
    items: await present(conditions, items, options.fields, source === 'mixed' || source === 'padding'),
    source,
    ...(reason && saidAs(reason)),
    ...(warnings.length > 0 && { warnings }),
    ...(options.scores === 'probability' && {
      scores: request.scale === null || isCounted ? 'raw' : 'probability',
    }),
    model: model && {
      name: model.name,
      version: model.version,
      task: request.task!.name,
    },
    ...(request.variant && { variant: request.variant }),
    recommendationId: randomUUID(),
  };
}
