import { Type } from 'typebox';

const MAX_ID_BYTES = 256;

/** A user's, item's or event's id: any Unicode text of 1-256 UTF-8 bytes, slashes and spaces included. */
export const Id = Type.String({
  minLength: 1,
  maxLength: MAX_ID_BYTES,
  description: 'Any Unicode text of 1-256 UTF-8 bytes, without NUL. Percent-encode it in paths.',
  examples: ['user-42'],
  'x-id': true,
});

/** Why the text cannot be an id, or null when it can. The schema counts characters; bytes are counted here. */
export function idProblem(field: string, id: string): string | null {
  if (id.length === 0) return `${field} is empty; give 1-${MAX_ID_BYTES} bytes`;
  const bytes = Buffer.byteLength(id, 'utf8');
  if (bytes > MAX_ID_BYTES) return `${field} has ${bytes} bytes; at most ${MAX_ID_BYTES} are allowed`;
  if (id.includes('\u0000')) return `${field} contains a NUL character; remove it`;
  if (!id.isWellFormed()) return `${field} contains half of a surrogate pair; send well-formed Unicode`;
  return null;
}
