import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TSchema } from 'typebox';
import { expect, it } from 'vitest';
import { Environment } from '../../src/core/config.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/settings.md');
const TABLE = /^\| setting [\s\S]*?\n(?=\n)/m;

/** The settings as the page shows them: name, default and description, in the order of the schema. */
function tableOfSettings(): string {
  const rows = Object.entries<TSchema>(Environment.properties).map(
    ([name, schema]) => `| \`${name}\` | ${defaultOf(schema)} | ${meaningOf(name, schema)} |\n`,
  );
  return ['| setting | default | meaning |\n', '|---|---|---|\n', ...rows].join('');
}

function defaultOf(schema: TSchema): string {
  const value = 'default' in schema ? schema.default : '';
  return value === '' ? '-' : `\`${value}\``;
}

function meaningOf(name: string, schema: TSchema): string {
  const text = 'description' in schema ? String(schema.description) : '';
  if (text === '') throw new Error(`${name} has no description in src/core/config.ts`);
  return text.replaceAll('|', '\\|');
}

it('docs/settings.md has the table of the schema (after a change: npx vitest run test/docs/settings.test.ts -u)', async () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toMatch(TABLE);
  await expect(page.replace(TABLE, () => tableOfSettings())).toMatchFileSnapshot(PAGE);
});
