import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pagesOfDocs, ROOT, readPage } from './pages.ts';

const PATH = /(?<![\w/.@-])(?:src|test|bench|scripts|docs|kernel|openapi|docker)\/[\w./-]*\w/g;
const LINK = /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

/** Heading to anchor as GitHub does it. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );

/** Without the blocks that are no prose: a command may name a file of the reader. */
const proseOf = (page: string) => readPage(page).replaceAll(/^```[\s\S]*?^```$/gm, '');

describe.each(pagesOfDocs())('%s', (page) => {
  it('names only files and folders that are there', () => {
    const named = [...proseOf(page).matchAll(PATH)].map(([name]) => name);
    expect(named.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
  });

  it('links only to pages and headings that are there', () => {
    const broken = [...proseOf(page).matchAll(LINK)].filter(([, target = '', anchor]) => {
      const name = target === '' ? page : path.join(path.dirname(page), target);
      if (!existsSync(path.join(ROOT, name))) return true;
      return anchor !== undefined && !anchorsOf(readPage(name)).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

const foldersIn = (folder: string) =>
  readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const folderTable = readPage('docs/architecture.md').split('## The folders')[1] ?? '';

it.each(foldersIn('src'))('the architecture has a row for src/%s that names its rooms', (folder) => {
  const row = new RegExp(`^\\| \`${folder}\` \\|.*$`, 'm').exec(folderTable)?.[0] ?? '';
  expect(row).not.toBe('');
  expect(foldersIn(`src/${folder}`).filter((room) => !row.includes(`\`${room}\``))).toEqual([]);
});

it('every page of docs is in the index', () => {
  const index = readPage('docs/README.md');
  const pages = pagesOfDocs().filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(pages.filter((page) => !index.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
});

it('the README is short and starts with the two commands', () => {
  const lines = readPage('README.md').split('\n');
  expect(lines.length).toBeLessThanOrEqual(90);
  expect(lines.slice(0, 9).filter((line) => /^npm (run demo|test)\b/.test(line))).toHaveLength(2);
});
