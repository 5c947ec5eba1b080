import { createRng } from '../../src/core/rng.ts';
import type { Upload } from './data-sets.ts';

/** The uploads with the rows of so many users alone, drawn by the seed: small data of the same kind. */
export function someUsers(uploads: readonly Upload[], count: number, seed: number): Upload[] {
  const parsed = uploads.map(({ csv, type }) => {
    const [header = '', ...lines] = csv.trimEnd().split('\n');
    const at = header.split(',').indexOf('userId');
    return { header, type, rows: lines.map((line) => ({ line, user: line.split(',')[at]! })) };
  });
  const all = [...new Set(parsed.flatMap(({ rows }) => rows.map(({ user }) => user)))].sort();
  const kept = new Set(createRng(seed).shuffle(all).slice(0, count));
  return parsed.map(({ header, type, rows }) => ({
    csv: [header, ...rows.flatMap(({ line, user }) => (kept.has(user) ? [line] : [])), ''].join('\n'),
    ...(type !== undefined && { type }),
  }));
}
