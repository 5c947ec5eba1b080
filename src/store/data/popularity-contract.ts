import type { PopularityDefinition } from '../../domain/data/popularity.ts';

export interface PopularityState {
  /** Grows with each computation; lists are of one of them. */
  generation: number;
  /** When the computation began, in milliseconds. */
  computedAt: number;
  /** How long it took, in milliseconds. */
  tookMs: number;
  /** The position of the newest interaction that it saw. */
  upTo: number;
  /** The time that ages were counted to; null where no interaction has a time. */
  newest: number | null;
  items: number;
  /** Hash of the declarations of event types that it was counted by. */
  declared: string;
}

export interface PopularItem {
  itemId: string;
  score: number;
  users: number;
  recent: number;
  past: number;
  trend: number;
}

/** The last item of a page, after which the next one begins. */
export interface PopularityCursor {
  value: number;
  itemKey: number;
}

export interface PopularPage {
  items: PopularItem[];
  /** Null at the end of the list. */
  next: PopularityCursor | null;
}

export interface ComputeOptions {
  /** Interactions that are read at once; reading them stops the event loop on SQLite. */
  pageRows?: number;
  signal?: AbortSignal;
}

/**
 * Popularity as a table that is computed in the background, by whichever process finds that it is due. It costs one pass
 * over all interactions, user by user, and memory of the size of the catalogue.
 */
export interface PopularityStore {
  /** Null before the first computation. */
  state(): Promise<PopularityState | null>;
  /** Says whether interactions have come in since, or types mean something else by now. */
  isOutdated(state: PopularityState): Promise<boolean>;
  /**
   * Computes the table anew and shows it when it is whole. One process at a time: null where another one is at it.
   * Rejects where the signal ends it; the table is the former one then.
   */
  compute(definition: PopularityDefinition, options?: ComputeOptions): Promise<PopularityState | null>;
  /** Reads a page of a generation, best first; empty once a later generation has taken its place. */
  page(
    generation: number,
    by: 'score' | 'trend',
    limit: number,
    after?: PopularityCursor,
  ): Promise<PopularPage>;
  /** The items of these ids that are in the table. */
  of(generation: number, itemIds: readonly string[]): Promise<PopularItem[]>;
}
