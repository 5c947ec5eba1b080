import type { EventMeaning } from '../../../domain/data/event-meaning.ts';

/** A type of interactions as `GET /event-types` has it. */
export type EventType = EventMeaning & {
  type: string;
  source: 'declared' | 'usual';
  updatedAt: string | null;
};
