/** Below this a split, a teacher and a student mean nothing; a job says so instead of publishing noise. */
export const MIN_USERS = 10;
export const MIN_ITEMS = 10;
export const MIN_INTERACTIONS = 50;
