import type { StoredItem, StoredUser } from '../../domain/data/catalogue.ts';
import type { EventMeaning } from '../../domain/data/event-meaning.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { Snapshots, TrainingSource } from '../../domain/data/interaction-source.ts';
import type { Coverage } from '../../domain/data/unlisted.ts';
import type { Paged } from '../engine/paged.ts';
import type { InteractionBatch } from './batch.ts';
import type { LatestCursor, LatestPage } from './latest-items.ts';

// Long because it is the contract of all that is stored of users, items and interactions.

export type AddOutcome = 'accepted' | 'duplicate';

export interface HistoryRow {
  itemId: string;
  type: string;
  value: number | null;
  timestamp: number | null;
}

/** How many interactions there are, and how many users and items, by their counters. */
export interface InteractionCounts {
  rows: number;
  users: number;
  items: number;
  /** False where a sample has a part of them alone. */
  isWhole: boolean;
}

export interface InteractionStore extends Snapshots {
  /**
   * A snapshot that reads no more than about so many interactions: all where there are no more, else whole histories of users who
   * are spread over all. Nobody waits for it.
   */
  sample<T>(
    mostRows: number,
    read: (source: TrainingSource, of: InteractionCounts) => Promise<T>,
  ): Promise<T>;
  /**
   * One transaction; outcome per row, in order. A row equal to an earlier one of the same call is a duplicate. Not for
   * more than some thousand rows: other writers wait.
   */
  add(rows: readonly StoredInteraction[]): Promise<AddOutcome[]>;
  /**
   * Many rows, whose memory is handed over, in several transactions of which those before a failure stay.
   * @returns how many were new
   */
  addBatch(batch: InteractionBatch): Promise<number>;
  /** Newest first; those without a time come last, the latest stored first. Empty for an unknown user. */
  history(userId: string, limit: number): Promise<HistoryRow[]>;
  list(userId: string, limit: number, cursor?: string): Promise<Paged<StoredInteraction>>;
  /** True where an interaction of the user has this event id. */
  hasEvent(userId: string, eventId: string): Promise<boolean>;
  /** Names of the types that any interaction had. */
  types(): Promise<string[]>;
  /** Counts no further than `limit`, so that asking "are there enough" stays cheap. */
  countUpTo(limit: number): Promise<number>;
  /** Counts users and items that have interactions, no further than so many. */
  distinctUpTo(users: number, items: number): Promise<{ users: number; items: number }>;
  /** The items with the most interactions, best first; for serving before there is a model. */
  mostPopular(limit: number): Promise<{ itemId: string; count: number }[]>;
}

export interface CatalogueStore {
  /** Upserts, one transaction. A later row of the same call with the same id wins. An id of a deleted item is new. */
  putItems(items: readonly StoredItem[]): Promise<void>;
  putUsers(users: readonly StoredUser[]): Promise<void>;
  getItem(itemId: string): Promise<StoredItem | null>;
  getUser(userId: string): Promise<StoredUser | null>;
  /**
   * Reads, changes and stores one item, alone against other writers. What `change` throws leaves all as it was.
   * @param change gets null where there is no such item
   */
  changeItem(itemId: string, change: (item: StoredItem | null) => StoredItem): Promise<StoredItem>;
  changeUser(userId: string, change: (user: StoredUser | null) => StoredUser): Promise<StoredUser>;
  /**
   * Takes an item out of the catalogue: it is not recommended any more, even where interactions or a model know it.
   * Its interactions stay. False when there was nothing to delete.
   * @param check gets the item as it was, null where only interactions know it; what it throws leaves all as it was
   */
  deleteItem(itemId: string, check?: (item: StoredItem | null) => void): Promise<boolean>;
  /** Lists items in the order in which they came to be. */
  listItems(filter: ItemFilter, limit: number, cursor?: string): Promise<Paged<StoredItem>>;
  listUsers(limit: number, cursor?: string): Promise<Paged<StoredUser>>;
  /** Finds items in the order asked for; unknown ids are left out. */
  getItems(itemIds: readonly string[]): Promise<StoredItem[]>;
  /** Reads the catalogue a page at a time, the newest first; hidden and unavailable items too. */
  latestItems(limit: number, after?: LatestCursor): Promise<LatestPage>;
  /** The ids of which neither the catalogue nor any interaction speaks, and those of deleted items. */
  unknownItems(itemIds: readonly string[]): Promise<string[]>;
  /** Items that must not be recommended now or only at certain times: hidden ones and those with a window. */
  restrictedItems(): Promise<StoredItem[]>;
  /** Counts listed and unlisted items, so far that it can be said which are more. */
  coverage(): Promise<Coverage>;
  /** The items that only interactions speak of, but for deleted ones. */
  unlistedItems(): Promise<string[]>;
  /** Counts what was sent as items and users; those known from interactions alone do not count. */
  counts(): Promise<{ items: number; itemsWithoutInteractions: number; users: number }>;
  /** Grows with every change to an item; a cheap question for caches. */
  itemsRevision(): Promise<number>;
}

/** Reads whole tables in pages. */
export interface ExportStore {
  /** The position of the newest interaction: an export that stops there ends, however much comes in meanwhile. */
  newestInteraction(): Promise<number>;
  /**
   * Reads in the order of storage; with since or until in that of time, and of storage among those of one moment.
   * @param until the newest that is part of it
   */
  interactions(
    after: InteractionPosition | undefined,
    until: number,
    limit: number,
    filter: ExportFilter,
  ): Promise<ExportPage<StoredInteraction, InteractionPosition>>;
  items(after: number | undefined, limit: number): Promise<ExportPage<StoredItem>>;
  users(after: number | undefined, limit: number): Promise<ExportPage<StoredUser>>;
}

export interface InteractionPosition {
  seq: number;
  timestamp: number | null;
}

export interface ExportPage<T, Position = number> {
  /** May be fewer than asked for, even none, before the last page: what does not count was left out. */
  rows: T[];
  /** Start of the next page; null after the last. */
  next: Position | null;
}

/** Times in milliseconds; since is included, until is not. */
export interface ExportFilter {
  type?: string;
  since?: number;
  until?: number;
}

export interface ItemFilter {
  category?: string;
  label?: string;
  /** Words that the title has, in any order. */
  title?: string;
  itemId?: readonly string[];
  hidden?: boolean;
}

export interface InteractionFilter {
  userId?: string;
  itemId?: string;
  type?: string;
}

/** Who is who: users as persons, with all that is stored under their ids. */
export interface UserStore {
  /**
   * Gives all that is stored of a user to another one, in one transaction, and forgets the user. An event that both have is kept
   * once; features of the one who remains go before. Those who had become the user become the one who remains.
   * @returns the earlier merge where there is nothing to do since; whom `into` has become, where it has, and nothing is done;
   *   null where nothing is known of the user
   */
  merge(userId: string, into: string): Promise<Merge | Gone | null>;
  /** The users who have become this one. */
  mergedInto(userId: string): Promise<string[]>;
  /** The user whom this one has become; null for one who is still there, or never was. */
  becameOf(userId: string): Promise<string | null>;
  /** False for one of whom nothing is stored, such as one who was erased or has become another one. */
  isThere(userId: string): Promise<boolean>;
  /** Some users, those first who came last, and how many there are. */
  newest(limit: number): Promise<{ userIds: string[]; of: number }>;
}

/** The user that was to remain has become another one. */
export interface Gone {
  became: string;
}

export interface Merge {
  into: string;
  /** Milliseconds. */
  at: number;
  /** How many were moved. */
  interactions: number;
  /** Events of which both had one. */
  duplicates: number;
  /** False where it was done before. */
  isNew: boolean;
}

/** Erasing on purpose. Each is recorded: what and when, never of whom. */
export interface DeletionStore {
  /**
   * Erases a person: their interactions, the memory of deleted ones, their features, bad lines of imports that are theirs, and their id in
   * what trainers printed, in one transaction.
   * @param former ids of users who have become this one, under which more may have come since; the receipt counts it too
   * @returns null when nothing is known of them
   */
  user(userId: string, former?: readonly string[], how?: ErasedHow): Promise<Erasure | null>;
  /** Pseudonyms of those who were erased at a time or later, while an import from before had not ended. */
  erasedSince(at: number): Promise<string[]>;
  /**
   * Deletes what fits all parts of the filter, which has at least one, in small transactions. The same events sent
   * again stay deleted.
   */
  interactions(filter: InteractionFilter): Promise<Deletion>;
  /** Deletes some of the interactions older than `before` (milliseconds); those without a time never grow old. */
  expire(before: number, limit: number): Promise<number>;
  /** Newest first. */
  list(limit: number, cursor?: string): Promise<Paged<Deletion>>;
}

export interface Deletion {
  id: string;
  at: number;
  /** The kind of deletion, such as `user` or `interactions by userId and type`. */
  what: string;
  interactions: number;
}

export interface ErasedHow {
  /** Names a person to imports that have not ended and may speak of them; without it none is told. */
  pseudonym?: (id: string) => string;
  /** True where something outside the database was erased: there is a receipt in any case. */
  isKnown?: boolean;
}

export interface Erasure extends Deletion {
  /** Bad lines of imports that were deleted. */
  rejects: number;
  /** Lines of logs that the id was taken out of. */
  logLines: number;
  /** Imports that had not ended. */
  waitingImports: string[];
}

export interface DeclaredEvent {
  type: string;
  meaning: EventMeaning;
  /** Milliseconds. */
  updatedAt: number;
}

/** Declarations of types of interactions in this installation. */
export interface EventTypeStore {
  /** By name. */
  list(): Promise<DeclaredEvent[]>;
  put(type: string, meaning: EventMeaning): Promise<DeclaredEvent>;
  /** False when nothing was declared. */
  remove(type: string): Promise<boolean>;
}

/** Bad lines of imports, kept with their job. */
export interface RejectStore {
  /** A line that is there already stays: a repeated run of the job finds the same ones. */
  add(jobId: string, rejects: readonly Reject[]): Promise<void>;
  /** Lists bad lines in the order of the file. */
  list(jobId: string, limit: number, cursor?: string): Promise<Paged<Reject>>;
}

export interface Reject {
  line: number;
  reason: string;
  text: string;
  /** Whose line it is, where that could be read. */
  userId?: string | null;
}
