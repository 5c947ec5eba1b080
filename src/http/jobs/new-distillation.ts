import { problem } from '../../core/errors.ts';
import { MIN_INTERACTIONS, MIN_ITEMS, MIN_USERS } from '../../domain/base/data-minimum.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { knownLabels, type Labelled, noLabels, unknownNames } from '../../domain/tasks/known-labels.ts';
import type { ExportPage } from '../../store/data/contract.ts';
import type { NewJob } from '../../store/jobs/contract.ts';
import type { Store } from '../../store/store.ts';

/** One at a time per model: two that train the same model would only race for its alias. */
export function newDistillation(
  id: string,
  spec: CompleteDistillation,
  origin: Pick<NewJob, 'keyId' | 'retriedFrom' | 'leader' | 'plan' | 'trace'>,
): NewJob {
  return {
    id,
    type: 'distillation',
    model: spec.model,
    spec,
    // Students of one teacher run side by side.
    ...(origin.leader === undefined && { exclusive: spec.model }),
    priority: spec.priority,
    ...(spec.notBefore !== undefined && { notBefore: Date.parse(spec.notBefore) }),
    ...origin,
  };
}

/** An import that is still queued or running may bring the data, and files are read by the trainer: then it decides. */
export async function requireData(
  store: Pick<Store, 'jobs' | 'interactions'>,
  specs: readonly Pick<CompleteDistillation, 'dataset'>[],
): Promise<void> {
  if (specs.every(({ dataset }) => dataset.source !== undefined)) return;
  // In this order: an import that ends in between has stored its rows.
  if ((await store.jobs.countUnfinished('import')) > 0) return;
  const count = await store.interactions.countUpTo(MIN_INTERACTIONS);
  const { users, items } = await store.interactions.distinctUpTo(MIN_USERS, MIN_ITEMS);
  if (count >= MIN_INTERACTIONS && users >= MIN_USERS && items >= MIN_ITEMS) return;
  const there = [
    count < MIN_INTERACTIONS && `${count} interactions`,
    users < MIN_USERS && `${users} users`,
    items < MIN_ITEMS && `${items} items`,
  ].filter((part) => part !== false);
  throw problem(
    'not-enough-data',
    `A distillation needs at least ${MIN_INTERACTIONS} interactions, of at least ${MIN_USERS} users with at least ${MIN_ITEMS} items; there are ${there.join(' and ')}. Send more to POST /interactions or POST /imports.`,
    {
      minimum: { interactions: MIN_INTERACTIONS, users: MIN_USERS, items: MIN_ITEMS },
      interactions: count,
    },
  );
}

/** The most items or users that are looked through while a client waits; beyond, the trainer says it. */
const MOST_LOOKED_AT = 100_000;
const PAGE = 1000;

/** The labels that jobs name, and some at all; an import that is still queued or running may bring them: the trainer decides then. */
export async function requireLabels(
  store: Pick<Store, 'jobs' | 'exports'>,
  specs: readonly CompleteDistillation[],
): Promise<void> {
  for (const { labels } of specs) {
    if (!labels || labels.from === 'items' || (await store.jobs.countUnfinished('import')) > 0) continue;
    const { of, from, names = [] } = labels;
    const found = new Set<string>();
    let after: number | undefined;
    for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
      const page: ExportPage<Labelled> = await store.exports[of](after, PAGE);
      for (const entity of page.rows) for (const label of knownLabels(entity, from)) found.add(label);
      const strange = names.filter((name) => !found.has(name));
      if (found.size > 0 && strange.length === 0) break;
      if (page.next !== null) {
        after = page.next;
        continue;
      }
      throw found.size === 0 ? noLabels(of, from) : unknownNames(strange, [...found], from);
    }
  }
}
