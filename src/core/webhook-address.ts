import { lookup as lookUpHost } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isAllowedUrl } from './allowed-url.ts';
import { messageOf } from './errors.ts';
import { isPublicAddress, readNetworks } from './outside-address.ts';

/** Any public address, by https. */
const ANYWHERE = '*';

export type LookUp = (host: string) => Promise<{ address: string; family: number }[]>;

/** Where this installation may send notices. */
export interface WebhookAddresses {
  /** @throws Error that says why the address may not be asked, whatever its host resolves to */
  check(url: string): void;
  /** Addresses of the host, all of which may be asked. @throws Error that names the one that may not */
  resolve(url: string): Promise<{ address: string; family: number }[]>;
}

interface Allowed {
  /** The setting WEBHOOK_URLS. */
  urls: readonly string[];
  /** The setting WEBHOOK_PRIVATE_ADDRESSES. */
  privateAddresses: readonly string[];
  lookUp?: LookUp;
}

const byDns: LookUp = (host) => lookUpHost(host, { all: true, verbatim: true });

/** @throws Error that names a wrong entry of the settings */
export function createWebhookAddresses(allowed: Allowed): WebhookAddresses {
  const { urls, privateAddresses, lookUp = byDns } = allowed;
  const isListed = readNetworks(privateAddresses, 'WEBHOOK_PRIVATE_ADDRESSES');

  function check(url: string): void {
    if (!URL.canParse(url)) {
      throw new Error('url must be an address such as https://hooks.example.com/stillhouse.');
    }
    const { protocol, username, password } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:')
      throw new Error('url must begin with https:// or http://.');
    if (username !== '' || password !== '') {
      throw new Error('url must not hold a user or a password; receivers know us by the signature.');
    }
    if (isAllowedUrl(url, urls)) return;
    if (urls.includes(ANYWHERE)) {
      if (protocol === 'https:') return;
      throw new Error('url must begin with https://, unless WEBHOOK_URLS names its address with http://.');
    }
    throw new Error(
      urls.length === 0
        ? 'url cannot be used: this installation sends to no address, since WEBHOOK_URLS is not set.'
        : 'url must be under one of WEBHOOK_URLS.',
    );
  }

  async function resolve(url: string): Promise<{ address: string; family: number }[]> {
    check(url);
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const family = isIP(host);
    const found = family > 0 ? [{ address: host, family }] : await ask(host);
    const refused = found.find(({ address }) => !isPublicAddress(address) && !isListed(address));
    if (!refused) return found;
    const what = family > 0 ? `${refused.address},` : `${host} at ${refused.address},`;
    throw new Error(
      `url must not lead to ${what} which is no public address, unless WEBHOOK_PRIVATE_ADDRESSES lists it.`,
    );
  }

  async function ask(host: string): Promise<{ address: string; family: number }[]> {
    const found = await lookUp(host).catch((error) => {
      throw new Error(`The host ${host} of url cannot be found: ${messageOf(error)}.`);
    });
    if (found.length === 0) throw new Error(`The host ${host} of url has no address.`);
    return found;
  }

  return { check, resolve };
}
