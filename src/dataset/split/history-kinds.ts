import type { HISTORY_KINDS } from '../../domain/reports/history-report.ts';

/** Kinds of test users by what the student knows of them. */
export const TAUGHT = 0;
/** The student was taught on a part of the history; the rest came since. */
export const NEWER = 1;
/** No pair was trained on or taught, in any task. */
export const UNSEEN = 2;
/** A test user without any history, or one whom only the version that teaches has met: there is nothing that a kind could tell. */
export const BLANK = 3;

export type HistoryKind = (typeof HISTORY_KINDS)[number];
export const KIND_OF: Record<HistoryKind, number> = { taught: TAUGHT, newer: NEWER, unseen: UNSEEN };
