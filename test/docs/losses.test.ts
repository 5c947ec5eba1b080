import { describe, expect, it } from 'vitest';
import { LOSSES } from '../../src/domain/losses/loss-spec.ts';
import { readPage } from './pages.ts';

const PARTS = ['Paper', 'What differs', 'When', 'Here'];

/** The sections of the page by their headings, which are the kinds. */
const sections = new Map(
  readPage('docs/losses.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).replaceAll('`', ''), section]),
);

describe.each(LOSSES)('docs/losses.md on $kind', ({ kind, options, defaults }) => {
  const section = sections.get(kind) ?? '';

  it('has its formula, paper, differences, use and figures', () => {
    expect(section).toMatch(/^```text\n[\s\S]+?^```$/m);
    for (const part of PARTS) expect(section).toMatch(new RegExp(`^\\* \\*\\*${part}\\.\\*\\* \\S`, 'm'));
  });

  it('names each of its options, and its weight', () => {
    for (const option of Object.keys(options)) expect(section).toContain(`\`${option}\``);
    expect(section).toContain(`weight ${defaults.weight}`);
  });
});
