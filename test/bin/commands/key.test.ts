import { expect, it } from 'vitest';
import { newKeyLines } from '../../../src/bin/commands/key.ts';
import { sha256 } from '../../../src/domain/keys/key-text.ts';
import { parseApiKeys } from '../../../src/http/api-keys.ts';

it('prints a key and the entry of API_KEYS that lets it in', () => {
  const [first = '', second = ''] = newKeyLines(['read+ingest+read']).split('\n');
  const text = /sh_\S+$/.exec(first)![0];
  const [key] = parseApiKeys(second.replace(/^API_KEYS=/, ''));
  expect(key?.hash).toEqual(sha256(text));
  expect([...key!.scopes]).toEqual(['read', 'write']);
  expect(newKeyLines([])).toMatch(/:admin$/);
  expect(newKeyLines(['--help'])).toMatch(/shown|setting API_KEYS/);
});

it('refuses what is no scope', () => {
  expect(() => newKeyLines(['root'])).toThrow(/no scope "root"; scopes are recommend, events/);
  expect(() => newKeyLines(['read', 'train'])).toThrow(/with \+ between them/);
});
