import type { NewVersion, RegisteredVersion, VersionName } from '../../domain/answers/model.ts';
import type { StoredRule } from '../../domain/answers/rule.ts';
import type { NewServingPolicy, StoredPolicy } from '../../domain/answers/serving-policy.ts';
import type { Choice } from '../../domain/releases/choose-student.ts';
import type { Move } from '../../domain/releases/previous-version.ts';
import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import type { Cluster } from '../../domain/traffic/rates.ts';

export interface ModelStore {
  /**
   * Registers the next version and points the alias at it, in one transaction; with a release only if its gate lets it. The same
   * job registers one version only: asked again it answers the first one.
   */
  publish(version: NewVersion, to: string | Release): Promise<RegisteredVersion>;
  names(): Promise<string[]>;
  versions(model: string): Promise<RegisteredVersion[]>;
  get(model: string, version: number): Promise<RegisteredVersion | null>;
  /** The version that the alias points at. */
  resolve(model: string, alias: string): Promise<RegisteredVersion | null>;
  /** The versions that should be live: for each model the one behind the alias. */
  aliased(alias: string): Promise<RegisteredVersion[]>;
  /** The newest version of each model that has no such alias. */
  unaliased(alias: string): Promise<RegisteredVersion[]>;
  alias(model: string, alias: string): Promise<Alias | null>;
  /** The aliases of a model, by name. */
  aliases(model: string): Promise<(Alias & { alias: string })[]>;
  /**
   * Points the alias at a version that there is.
   * @param expected what the alias must be before: null is no alias at all, undefined is anything
   * @returns false, and nothing happens, when it is something else
   * @throws problem('not-found') where the version was deleted meanwhile
   */
  setAlias(
    model: string,
    alias: string,
    version: number,
    expected?: Alias | null,
    by?: MovedBy & { action?: 'set' | 'rolled-back' },
  ): Promise<boolean>;
  /**
   * Removes the alias.
   * @returns false, and nothing happens, when it is not as expected
   * @throws problem('conflict') while a schedule learns from what it points at
   */
  removeAlias(model: string, alias: string, expected: Alias, by?: MovedBy): Promise<boolean>;
  /** The moves of an alias, the newest first. @param before only those with a lesser number */
  history(model: string, alias: string, limit: number, before?: number): Promise<AliasMove[]>;
  /** The versions that the alias had before the one that it has, as far as they are still there; the nearest first. */
  before(model: string, alias: string): Promise<RegisteredVersion[]>;
  /** The versions of one request with several students, in the order in which they came. @param contest id of its first job */
  contestants(contest: string): Promise<RegisteredVersion[]>;
  /** Replaces tags or note. Null where there is no such version. */
  annotate(model: string, version: number, what: Annotation): Promise<RegisteredVersion | null>;
  /** The versions that this one taught. */
  taught(model: string, version: number): Promise<VersionName[]>;
  /** The versions that were measured against this one before they took its alias. */
  successors(model: string, version: number): Promise<number[]>;
  /**
   * Deletes a version. Its number is not used again, and its artifact is collected later.
   * @returns false where there is no such version
   * @throws problem('conflict') that names the aliases, jobs and schedules that need it
   */
  removeVersion(model: string, version: number): Promise<boolean>;
  /** Deletes all versions of a model, its settings and its serving policy. @returns how many @throws problem('conflict') while an alias, a job or a schedule needs it */
  removeModel(model: string): Promise<number>;
  /** How many of the newest versions are kept beside those with aliases or tags; null: as the installation says. */
  keeps(model: string): Promise<number | null>;
  setKeeps(model: string, keep: number | null): Promise<void>;
  /**
   * Deletes old versions: all but the newest, those with aliases or tags, the one that each alias had before, the one that an alias had
   * that was removed within the last day, and those that jobs or schedules need.
   * @returns the numbers of those that were deleted
   */
  retain(model: string, keep: number): Promise<number[]>;
  /** Artifacts of deleted versions that no running job can still be reading. */
  collectable(limit: number): Promise<Collectable[]>;
  collected(versions: readonly Collectable[]): Promise<void>;
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

/** Who moves an alias, and why. */
export interface MovedBy {
  keyId?: string | undefined;
  jobId?: string | undefined;
  reason?: string | undefined;
}

export interface AliasMove extends Move {
  /** From 1, per alias. */
  seq: number;
  at: string;
  keyId: string | null;
  jobId: string | null;
  reason: string | null;
}

export interface Annotation {
  tags?: readonly string[];
  /** Null for none. */
  note?: string | null;
}

export interface Collectable {
  model: string;
  version: number;
  artifact: string;
}

/** How a version asks for an alias. */
export interface Release {
  alias: string;
  /** The alias moves without a question. */
  isOff: boolean;
  keyId?: string | undefined;
  /** The request that several students belong to, and how one of them is chosen; absent for a student alone. */
  contest?: { of: string; place: number; choose: Choice; margin: number };
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
  /**
   * Changes a teacher, or removes it with null, where its artifact is still the one that was looked at.
   * @returns false where another one has taken its place
   */
  replace(name: string, artifact: string, teacher: StoredExternalTeacher | null): Promise<boolean>;
  /** Answers the teacher that was removed, or null. */
  remove(name: string): Promise<StoredExternalTeacher | null>;
}

export interface Served {
  id: string;
  model: string;
  version: number;
  at: number;
  items: readonly string[];
  /** The user or visitor, of whom only a hash is kept. */
  userId?: string | null;
  /** The variant that answered. */
  variant?: string | null;
  /** The comparison that it counts for, and for how long a user is observed. */
  counted?: { epoch: number; windowMs: number } | undefined;
}

export interface Click {
  recommendationId: string;
  itemId: string;
  type: string;
  /** True for a type whose meaning has the kind purchase; its value is revenue. */
  isConversion?: boolean;
  value?: number | null;
}

export interface OnlineVersion {
  version: number;
  /** Null where the model had no traffic. */
  variant: string | null;
  served: number;
  /** Recommendations with at least one interaction with one of their items. */
  clicked: number;
  itemsShown: number;
  itemsClicked: number;
  conversions: number;
  revenue: number;
  /** Counts of each user; a recommendation of which no user is known is one of its own. */
  clusters: Cluster[];
}

export interface OnlineDay {
  /** Such as 2026-03-01. */
  day: string;
  versions: OnlineVersion[];
}

/** A bounded sample of what was recommended, to hashes of users, and what came of it. */
export interface ServedStore {
  /** Keeps the newest `limit`. */
  record(served: readonly Served[], limit: number): Promise<void>;
  /** Counts clicks on items that recommendations of the sample showed; once per item and type. */
  click(clicks: readonly Click[]): Promise<void>;
  /** The newest version first. */
  online(model: string, since: number): Promise<OnlineVersion[]>;
  /** Counts of each day (UTC) on which something was served, the oldest first. */
  onlineByDay(model: string, since: number): Promise<OnlineDay[]>;
}
