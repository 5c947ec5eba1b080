import { problem } from '../../core/errors.ts';

export type CursorPart = string | number | null;

/** Encodes the place where a page ended as opaque text. */
export function encodeCursor(parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * @param kinds what each part must be; a cursor is the client's to send and may be anything
 * @throws problem('invalid-request') that names `cursor`
 */
export function decodeCursor(
  cursor: string,
  kinds: readonly ('string' | 'number' | 'number?')[],
): CursorPart[] {
  const parts = parse(cursor);
  const fits =
    Array.isArray(parts) &&
    parts.length === kinds.length &&
    kinds.every((kind, i) => (kind === 'number?' ? isTimeOrNull(parts[i]) : typeof parts[i] === kind));
  if (!fits)
    throw problem('invalid-request', 'cursor is not one that this list gave; leave it out to start over');
  return parts;
}

const isTimeOrNull = (part: unknown) => part === null || typeof part === 'number';

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
