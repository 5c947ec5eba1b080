/** A column for the plans of jobs; alike in both dialects. */
export const PLANS = 'ALTER TABLE jobs ADD COLUMN plan TEXT;';
