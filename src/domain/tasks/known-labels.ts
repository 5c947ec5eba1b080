import { problem } from '../../core/errors.ts';
import type { StoredItem, StoredUser } from '../data/catalogue.ts';

/** Part of an entity's description that its labels come from. */
export type Labelled = Pick<StoredUser, 'features'> & Partial<Pick<StoredItem, 'labels' | 'categories'>>;

/**
 * The labels that an item or a user has, distinct and as they were sent; none where nothing is said.
 * @param from labels, categories or features.NAME
 */
export function knownLabels(entity: Labelled, from: string): string[] {
  if (from === 'labels' || from === 'categories') return [...new Set(entity[from] ?? [])];
  const value = entity.features[from.slice('features.'.length)];
  const names = (Array.isArray(value) ? value : [value]).filter(
    (name) => typeof name === 'string' || typeof name === 'number' || typeof name === 'boolean',
  );
  return [...new Set(names.map(String))].filter((name) => name !== '');
}

/** Returns the error for data in which nobody has a label, when a job is posted or by the trainer. */
export function noLabels(of: 'items' | 'users', from: string) {
  const who = of === 'items' ? 'item' : 'user';
  return problem(
    'not-enough-data',
    `labels.from: no ${who} has ${from}; send them first, with POST /${of} or POST /imports?kind=${of}`,
  );
}

/** Returns the error for labels that a job names and nobody has. */
export function unknownNames(strange: readonly string[], known: readonly string[], from: string) {
  const list = (names: readonly string[]) =>
    names
      .slice(0, 20)
      .map((name) => JSON.stringify(name))
      .join(', ') + (names.length > 20 ? ', ...' : '');
  return problem(
    'invalid-job',
    `labels.names: nothing has ${list(strange)} in ${from}; there are: ${list([...known].sort()) || 'none'}`,
  );
}
