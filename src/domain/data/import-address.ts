/**
 * An address without what comes after its path: signatures and tokens stand in queries, and what is stored, logged or
 * answered must not show them.
 */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

/** The query of an address with its question mark; empty where it has none. */
export function queryOf(url: string): string {
  return /\?[^#]*/s.exec(url.replace(/#.*$/s, ''))?.[0] ?? '';
}
