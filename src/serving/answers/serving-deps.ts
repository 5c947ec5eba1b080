import { problem } from '../../core/errors.ts';
import type { Histories } from '../caches/histories.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import type { LiveModels } from '../models/live-models.ts';
import type { CatalogueWork } from '../threads/catalogue-work.ts';
import type { CurrentCatalogue } from '../views/catalogue-view.ts';
import type { InstalledEvents } from '../views/installed-events.ts';
import type { CurrentPolicies } from '../views/policies.ts';
import type { CurrentPopularity } from '../views/popularity-view.ts';
import type { CurrentRules } from '../views/rules.ts';
import type { Traits } from '../views/traits.ts';
import type { FilterCheck } from '../views/vocabulary.ts';

/** All that answers of any kind are made from. */
export interface ServingDeps {
  histories: Histories;
  installedEvents: InstalledEvents;
  liveModels: Pick<LiveModels, 'items' | 'refresh' | 'absence'>;
  catalogue: CurrentCatalogue;
  rules: CurrentRules;
  policies: CurrentPolicies;
  popularity: CurrentPopularity;
  /** Looks for mistakes in filters. */
  check: FilterCheck;
  traits: Traits;
  /** Types that any interaction has. */
  typesThere(): Promise<readonly string[]>;
  work: CatalogueWork;
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * The task that is asked for, the first one if none is named; null without a model, whose tasks nobody knows.
 * @throws problem('invalid-request') with the tasks that there are
 */
export function taskOf(model: LiveModel | null, task: string | undefined): LiveTask | null {
  if (!model) return null;
  const found = task === undefined ? model.tasks[0] : model.tasks.find(({ name }) => name === task);
  if (found) return found;
  throw problem(
    'invalid-request',
    `task must be one of ${model.tasks.map(({ name }) => name).join(', ')}, which model ${model.name} has; got ${JSON.stringify(task)}.`,
  );
}
