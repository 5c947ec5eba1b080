/** Where a job's trace, and with it that of its notices, goes on: a TraceContext as JSON; alike in both dialects. */
export const TRACES = `
  ALTER TABLE jobs ADD COLUMN trace TEXT;
  ALTER TABLE webhook_deliveries ADD COLUMN trace TEXT;
`;
