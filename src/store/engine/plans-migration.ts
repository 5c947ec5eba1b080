/** What a job was expected to do and to cost; alike in both dialects. */
export const PLANS = 'ALTER TABLE jobs ADD COLUMN plan TEXT;';
