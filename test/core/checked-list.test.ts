import { expect, it } from 'vitest';
import { readConfig } from '../../src/core/config.ts';

const read = (env: Record<string, string>) => readConfig({ DATA_DIR: '/tmp/nothing', ...env });

it('lists of addresses and origins are read, with blanks and words', () => {
  const { webhookUrls, importUrls, corsOrigins } = read({
    WEBHOOK_URLS: ' https://a.example/x , http://10.0.0.7:8080,*',
    IMPORT_URLS: 'https://data.example/exports/',
    CORS_ORIGINS: 'https://Shop.example:443/, http://localhost:5173',
  });
  expect(webhookUrls).toEqual(['https://a.example/x', 'http://10.0.0.7:8080', '*']);
  expect(importUrls).toEqual(['https://data.example/exports/']);
  expect(corsOrigins).toEqual(['https://shop.example', 'http://localhost:5173']);
});

it.each([
  [
    'WEBHOOK_URLS',
    'hooks.example.com',
    /^WEBHOOK_URLS: entry 1, "hooks.example.com", must be an address .*, or \*\.$/,
  ],
  ['WEBHOOK_URLS', '*, ftp://a.example', /^WEBHOOK_URLS: entry 2/],
  ['IMPORT_URLS', '*', /^IMPORT_URLS: entry 1, "\*", must be an address such as/],
  ['IMPORT_URLS', 'https://user:secret@a.example', /without a user/],
  [
    'CORS_ORIGINS',
    'https://a.example, https://b.example/shop',
    /^CORS_ORIGINS: entry 2, .* must be an origin/,
  ],
  ['CORS_ORIGINS', '*', /must be an origin such as https:\/\/shop\.example/],
])('%s=%s is refused at start, with the entry', (name, value, why) => {
  expect(() => read({ [name]: value })).toThrow(why);
});
