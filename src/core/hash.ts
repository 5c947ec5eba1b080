import { createHash } from 'node:crypto';

/** SHA-256 of the parts as JSON: equal for equal values, whatever the order of their members. */
export function hashOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts, sorted)).digest('hex');
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** SHA-256 of a text and of the bytes of columns after it. */
export function hashOfColumns(text: string, columns: readonly ArrayBufferView[]): string {
  const hash = createHash('sha256').update(text);
  for (const { buffer, byteOffset, byteLength } of columns) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
