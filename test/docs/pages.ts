import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** The README, what stands beside it, and every page of docs, as paths from the root. */
export function pagesOfDocs(): string[] {
  const docs = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)]
    .filter((name) => name.endsWith('.md'))
    .sort();
}

export function readPage(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8');
}
