import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { AppError, isProblemCode } from '../../src/core/errors.ts';
import { ROOT, readPage } from './pages.ts';

const ROW = /^\| `([a-z-]+)` \| (\d{3}) \| .+ \| .+ \|$/gm;
const rows = [...readPage('docs/troubleshooting.md').matchAll(ROW)].map(([, code = '', status]) => ({
  code,
  status: Number(status),
}));

/** The codes as src/core/errors.ts writes them: it hands out none but those that somebody names. */
function codesOfCatalogue(): string[] {
  const source = readFileSync(path.join(ROOT, 'src/core/errors.ts'), 'utf8');
  return [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{/gm)].map(([, code = '']) => code).filter(isProblemCode);
}

it('docs/troubleshooting.md has every error code once, and no other', () => {
  expect(codesOfCatalogue().length).toBeGreaterThan(30);
  expect(rows.map(({ code }) => code).sort()).toEqual(codesOfCatalogue().sort());
});

it.each(rows)('$code has the status that it is answered with', ({ code, status }) => {
  if (!isProblemCode(code)) throw new Error(`there is no code ${code}`);
  expect(status).toBe(new AppError(code, '').status);
});
