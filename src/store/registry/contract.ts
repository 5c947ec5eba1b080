import type { NewVersion, RegisteredVersion } from '../../domain/answers/model.ts';
import type { StoredRule } from '../../domain/answers/rule.ts';
import type { NewServingPolicy, StoredPolicy } from '../../domain/answers/serving-policy.ts';
import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';

export interface ModelStore {
  /**
   * Registers the next version and points the alias at it, in one transaction. The same job registers one version
   * only: asked again it answers the first one.
   */
  publish(version: NewVersion, alias: string): Promise<RegisteredVersion>;
  names(): Promise<string[]>;
  versions(model: string): Promise<RegisteredVersion[]>;
  get(model: string, version: number): Promise<RegisteredVersion | null>;
  /** The version that the alias points at. */
  resolve(model: string, alias: string): Promise<RegisteredVersion | null>;
  /** The versions that should be live: for each model the one behind the alias. */
  aliased(alias: string): Promise<RegisteredVersion[]>;
  alias(model: string, alias: string): Promise<Alias | null>;
  /**
   * Points the alias at a version that there is.
   * @param expected what the alias must be before: null is no alias at all, undefined is anything
   * @returns false, and nothing happens, when it is something else
   */
  setAlias(model: string, alias: string, version: number, expected?: Alias | null): Promise<boolean>;
  /** Reads what decides which model answers where none is named. */
  defaults(alias: string): Promise<StoredDefaults>;
  /** Makes a model the default of its kind, or with null none. */
  setDefault(kind: ModelKind, model: string | null): Promise<void>;
}

/** Models of items recommend, those of labels predict labels. */
export type ModelKind = 'items' | 'labels';

export interface StoredDefaults {
  /** The models that were chosen, by kind. */
  chosen: Partial<Record<ModelKind, string>>;
  /** All models with the alias, the first that had it first. */
  inOrder: string[];
}

export interface Alias {
  version: number;
  updatedAt: number;
}

/** Business rules: few, and never changed in place. */
export interface RuleStore {
  /** The oldest first. */
  list(): Promise<StoredRule[]>;
  get(id: string): Promise<StoredRule | null>;
  /** Rejects with problem('conflict') where there are `limit` rules already. */
  add(rule: StoredRule, limit: number): Promise<void>;
  remove(id: string): Promise<boolean>;
}

/** Policies for all answers of a model. */
export interface PolicyStore {
  /** By model. */
  list(): Promise<StoredPolicy[]>;
  /** Takes the place of what was said before. */
  put(model: string, policy: NewServingPolicy): Promise<StoredPolicy>;
  /** False where nothing was said. */
  remove(model: string): Promise<boolean>;
}

/** Teachers that were imported: where their lists are. The lists themselves are artifacts. */
export interface ExternalTeacherStore {
  /** All teachers, ordered by name. */
  list(): Promise<StoredExternalTeacher[]>;
  get(name: string): Promise<StoredExternalTeacher | null>;
  /** Takes the place of one of the same name, which comes back. */
  put(teacher: StoredExternalTeacher): Promise<StoredExternalTeacher | null>;
  /** Answers the teacher that was removed, or null. */
  remove(name: string): Promise<StoredExternalTeacher | null>;
}

export interface Served {
  id: string;
  model: string;
  version: number;
  at: number;
  items: readonly string[];
}

export interface Click {
  recommendationId: string;
  itemId: string;
  type: string;
}

export interface OnlineVersion {
  version: number;
  served: number;
  /** Recommendations with at least one interaction with one of their items. */
  clicked: number;
  itemsShown: number;
  itemsClicked: number;
}

/** A bounded sample of what was recommended, never to whom, and what came of it. */
export interface ServedStore {
  /** Keeps the newest `limit`. */
  record(served: readonly Served[], limit: number): Promise<void>;
  /** Counts clicks on items that recommendations of the sample showed; once per item and type. */
  click(clicks: readonly Click[]): Promise<void>;
  /** The newest version first. */
  online(model: string, since: number): Promise<OnlineVersion[]>;
}
