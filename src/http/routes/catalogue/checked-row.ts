import { problem } from '../../../core/errors.ts';
import type { Parsed } from '../../../ingest/rows.ts';

/** Reads a body under the id of its path; one that says another id is a mistake. @throws problem('invalid-request') */
export function checkedRow<T>(
  parse: (row: unknown) => Parsed<T>,
  idField: string,
  id: string,
  body: unknown,
): T {
  const { [idField]: said, ...rest } = body as Record<string, unknown>;
  if (said !== undefined && said !== null && String(said) !== id) {
    throw problem('invalid-request', `${idField} in the body is not the one in the path; leave it out.`);
  }
  const parsed = parse({ ...rest, [idField]: id });
  if ('reason' in parsed) throw problem('invalid-request', `${parsed.reason}.`);
  return parsed.ok;
}

/** A stored row as it would have been sent. */
export function withoutNulls(view: object): object {
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== null));
}
