/** Kinds of users by what the student knows of their histories, the one that headlines first choose the second of. */
export const HISTORY_KINDS = ['taught', 'newer', 'unseen'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];
