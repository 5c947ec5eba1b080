import { createHash } from 'node:crypto';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { Recommendation } from '../../domain/answers/recommendation.ts';
import type { Subject } from './request.ts';

/** All that the next page of a list needs to know of the pages before. */
export interface Continuation {
  subject: Subject;
  options: RecommendOptions;
  /** Items of all pages so far. */
  shown: readonly string[];
  /** True where what is shown is recorded. */
  impressions: boolean;
  /** Event id of the last page that was recorded: as long as it is there, so is the user whom it was shown to. */
  recorded?: string | undefined;
  /** True where a page came from the history of the user, so that something was stored of them. */
  isKnown?: boolean | undefined;
  /** A further page as it was answered, for whoever asks for it again. */
  answer?: Recommendation | undefined;
}

/**
 * Id of the page that follows another one: the same for every request for it, in every process, so that what it shows is
 * recorded once. A UUID of version 8 (RFC 9562, section 5.8) of a SHA-256.
 */
export function nextPageId(recommendationId: string, k: number): string {
  const hex = createHash('sha256').update(`${recommendationId} ${k}`).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A list can be continued for so long after a page of it. */
export const CONTINUED_MS = 15 * 60_000;
/** Each process remembers so much of it. */
export const CONTINUED_BYTES = 32 << 20;
