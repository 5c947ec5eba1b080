import { describe, expect, it } from 'vitest';
import { createWebhookAddresses, type LookUp } from '../../src/core/webhook-address.ts';

const HOSTS: Record<string, string[]> = {
  'hooks.example.com': ['93.184.215.14'],
  'inside.example.com': ['10.0.0.7'],
  'both.example.com': ['93.184.215.14', '127.0.0.1'],
  localhost: ['127.0.0.1'],
};
const lookUp: LookUp = async (host) => {
  if (!HOSTS[host]) throw new Error('not found');
  return HOSTS[host].map((address) => ({ address, family: 4 }));
};
const allow = (urls: string[], privateAddresses: string[] = []) =>
  createWebhookAddresses({ urls, privateAddresses, lookUp });

describe('addresses of webhooks', () => {
  it.each([
    ['https://hooks.example.com/a', ['https://hooks.example.com'], []],
    ['https://hooks.example.com/a/b', ['https://hooks.example.com/a'], []],
    ['https://hooks.example.com/any', ['*'], []],
    ['http://hooks.example.com/a', ['*', 'http://hooks.example.com'], []],
    ['http://inside.example.com:8080/x', ['http://inside.example.com:8080'], ['10.0.0.0/24']],
    ['http://127.0.0.1:9/x', ['http://127.0.0.1:9'], ['127.0.0.1']],
    ['http://[::1]:9/x', ['http://[::1]:9'], ['::1']],
  ])('%s is taken', async (url, urls, privateAddresses) => {
    const [first] = await allow(urls, privateAddresses).resolve(url);
    expect(first?.address).toMatch(/^[0-9a-f.:]+$/);
  });

  it.each([
    ['https://hooks.example.com/a', [], 'WEBHOOK_URLS is not set'],
    ['https://other.example.com/a', ['https://hooks.example.com'], 'under one of WEBHOOK_URLS'],
    ['https://hooks.example.com.evil.org/a', ['https://hooks.example.com'], 'under one of WEBHOOK_URLS'],
    ['https://hooks.example.com/ab', ['https://hooks.example.com/a'], 'under one of WEBHOOK_URLS'],
    ['https://hooks.example.com/a/../b', ['https://hooks.example.com/a'], 'under one of WEBHOOK_URLS'],
    ['http://hooks.example.com/a', ['*'], 'must begin with https://'],
    ['ftp://hooks.example.com/a', ['*'], 'must begin with https:// or http://'],
    ['javascript:alert(1)', ['*'], 'must begin with https:// or http://'],
    ['https://me:pw@hooks.example.com/a', ['*'], 'user or a password'],
    ['nonsense', ['*'], 'must be an address such as'],
    ['https://away.example.com/', ['*'], 'away.example.com of url cannot be found'],
    // Private, by address, in other spellings, by name, and by one address of several.
    ['https://127.0.0.1/', ['*'], 'must not lead to 127.0.0.1'],
    ['https://2130706433/', ['*'], 'must not lead to 127.0.0.1'],
    ['https://0x7f.1/', ['*'], 'must not lead to 127.0.0.1'],
    ['https://169.254.169.254/latest', ['*'], 'must not lead to 169.254.169.254'],
    ['https://[::1]/', ['*'], 'must not lead to ::1'],
    ['https://[::ffff:127.0.0.1]/', ['*'], 'must not lead to ::ffff:7f00:1'],
    ['https://localhost/', ['*'], 'must not lead to localhost at 127.0.0.1'],
    ['https://inside.example.com/', ['https://inside.example.com'], 'inside.example.com at 10.0.0.7'],
    ['https://both.example.com/', ['*'], 'both.example.com at 127.0.0.1'],
  ])('%s is refused', async (url, urls, why) => {
    await expect(allow(urls).resolve(url)).rejects.toThrow(why);
  });

  it('a wrong list of private addresses ends the start', () => {
    expect(() => allow([], ['here'])).toThrow(/WEBHOOK_PRIVATE_ADDRESSES.*"here"/);
  });
});
