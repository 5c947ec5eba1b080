import path from 'node:path';
import { pagesOfDocs, readPage } from './pages.ts';

export interface Block {
  text: string;
  /** Expected status of each of its curl lines: as the page says it ("answers 404"), else 2xx. */
  expected: string[];
  /** Why the tests cannot run it, in the words of the page; undefined where they do. */
  notRun: string | undefined;
}

export interface CurlPage {
  page: string;
  blocks: Block[];
}

const BLOCK = /^```sh\n([\s\S]*?)^```$/gm;
const NOT_RUN = /^# Not run by the tests: (.+)$/m;
const RUN_FIRST = /^Run first: .*?\]\((.+?)\)/m;

/** The pages with curl lines, each behind the one that it says comes first. */
export function curlPages(): CurlPage[] {
  const pages = pagesOfDocs()
    .map((page) => ({ page, blocks: blocksOf(readPage(page)) }))
    .filter(({ blocks }) => blocks.length > 0);
  return pages.sort((a, b) => placeOf(a.page) - placeOf(b.page));
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(BLOCK)]
    .map(([, block = '']) => block)
    .filter((block) => /\bcurl\b/.test(block))
    .map((block) => ({ text: block, expected: expectedOf(block), notRun: NOT_RUN.exec(block)?.[1] }));
}

/** The page that is to be run before this one, or null for one that starts with an empty service. */
export function firstPage(page: string): string | null {
  const link = RUN_FIRST.exec(readPage(page))?.[1];
  return link === undefined ? null : path.normalize(path.join(path.dirname(page), link));
}

function placeOf(page: string): number {
  const first = firstPage(page);
  return first === null ? 0 : 1 + placeOf(first);
}

function expectedOf(block: string): string[] {
  const withoutComments = block.replace(/^#.*$/gm, '');
  const [, ...calls] = withoutComments.split(/\bcurl (?=[-'"$l])/);
  return calls.map((call) => /# answers (\d{3})/.exec(call)?.[1] ?? '2xx');
}
