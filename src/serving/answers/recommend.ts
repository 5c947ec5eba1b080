import { randomUUID } from 'node:crypto';
import { problem } from '../../core/errors.ts';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { Recommendation } from '../../domain/answers/recommendation.ts';
import { fromStudent } from './from-student.ts';
import { placePins } from './pins.ts';
import { fillUp, popular } from './popular.ts';
import { createGather, type Request, type Sourced, type Subject, type Timing } from './request.ts';
import type { ServingDeps } from './serving-deps.ts';
import { showItems } from './show-items.ts';

export type Recommend = (
  subject: Subject,
  options: RecommendOptions,
  timing?: Timing,
) => Promise<Recommendation>;

/** Recommends from the history as it is now, through the model; popularity answers where that cannot be. */
export function createRecommend(deps: ServingDeps): Recommend {
  const { store, now } = deps;
  const gather = createGather(deps);

  return async (subject, options, timing = { history: 0, vector: 0, scan: 0 }) => {
    const started = performance.now();
    const request = await gather(subject, options);
    timing.history = performance.now() - started;

    const personal = request.model && (await fromStudent(request.model, request, now(), timing));
    const reason = personal ? undefined : whyNotPersonal(request, subject);
    if (reason !== undefined && options.strict) throw problem('not-found', `strict=true, and ${reason}`);
    const found = personal ?? (await popular(store, request, options.k, [], true));
    const filled = await fillUp(store, request, found);
    const items = placePins(filled, request, options.k);
    return compose(subject, request, items, reason ?? whyFilled(found, filled));
  };
}

const NOTHING = '; nor is there any popular item to show instead';

async function compose(
  subject: Subject,
  request: Request,
  items: Sourced[],
  reason: string | undefined,
): Promise<Recommendation> {
  const sources = new Set(items.map(({ source }) => source));
  const [only] = sources;
  const source = sources.size > 1 ? 'mixed' : (only ?? (reason === undefined ? 'student' : 'popularity'));
  const { model } = request;
  return {
    userId: subject.userId,
    items: await showItems(request.catalogue, items, request.options.fields, source === 'mixed'),
    source,
    ...(reason !== undefined && { reason: items.length > 0 ? reason : `${reason}${NOTHING}` }),
    ...(request.options.scores === 'probability' && {
      scores: request.scale === null || sources.has('popularity') ? 'raw' : 'probability',
    }),
    model: model && {
      name: model.name,
      version: model.version,
      task: request.task!.name,
    },
    recommendationId: randomUUID(),
  };
}

function whyNotPersonal({ model, options, history }: Request, { userId }: Subject): string {
  if (!model) {
    return options.model
      ? `model ${options.model} has no usable version yet`
      : 'there is no usable model yet';
  }
  if (history.length === 0) {
    return userId === null ? 'the session has no interaction' : 'no interaction of this user is known';
  }
  return `none of the user's interactions counts for model ${model.name}: their items are unknown to it or their weight is 0`;
}

function whyFilled(found: readonly Sourced[], filled: readonly Sourced[]): string | undefined {
  const added = filled.length - found.length;
  if (added === 0) return undefined;
  return `only ${found.length} items fit category and filter; the last ${added} are popular items that do not (strict=true leaves them out)`;
}
