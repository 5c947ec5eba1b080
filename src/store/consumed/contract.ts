import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { AddOutcome } from '../data/contract.ts';

/** A group of consumers and the topic that it reads. */
export interface Consumed {
  group: string;
  topic: string;
  /** Identity of the topic; one that is deleted and made anew has another. */
  topicId: string;
}

/** Number of the message of a partition that comes next. */
export interface Position {
  partition: number;
  topicId: string;
  next: number;
}

/** Messages of a partition that were read one after the other. */
export interface ReadPart {
  partition: number;
  /** Number of the message at which the reading began: nobody may have got further meanwhile. */
  from: number;
  next: number;
}

/** A message, or a row of one, that cannot be stored. */
export interface RejectedMessage {
  partition: number;
  message: number;
  /** Place among the rows of the message, from 0. */
  row: number;
  reason: string;
  text: string;
  /** Whose it is, where that could be read. */
  userId: string | null;
}

export interface KeptReject extends RejectedMessage {
  /** Milliseconds. */
  at: number;
}

export interface ConsumedBatch extends Consumed {
  parts: readonly ReadPart[];
  rows: readonly StoredInteraction[];
  rejects: readonly RejectedMessage[];
}

export interface ConsumedStore {
  /** Positions of the partitions that were read before, whatever the topic's identity was. */
  positions(group: string, topic: string): Promise<Position[]>;
  /** Writes down where reading begins in partitions that have no position yet. */
  begin(of: Consumed, parts: readonly { partition: number; next: number }[]): Promise<void>;
  /**
   * Stores the rows, keeps the rejects and moves the positions, all in one transaction.
   * @returns outcome per row; null where a position is not where the reading began, as another consumer has moved it: nothing is
   *   stored then
   */
  store(batch: ConsumedBatch): Promise<AddOutcome[] | null>;
  /** Lists kept rejects, the newest first. */
  rejects(group: string, topic: string, limit: number): Promise<KeptReject[]>;
  /** Deletes rejects that are older (milliseconds), or beyond the newest so many. @returns how many */
  sweep(olderThan: number, mostKept: number): Promise<number>;
  /** Forgets the positions of a group in a topic. @returns how many there were */
  reset(group: string, topic: string): Promise<number>;
}
