import { BlockList, isIP } from 'node:net';

/** IPv4 networks that are not the open internet: the IANA registry of special-purpose addresses, multicast and the rest. */
const NOT_PUBLIC_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Parts of 2000::/3, outside of which no IPv6 address is public. 2002::/16 holds IPv4 addresses of any kind. */
const NOT_PUBLIC_V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const notPublicV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const notPublicV6 = listOf(NOT_PUBLIC_V6, 'ipv6');
const unicastV6 = listOf([['2000::', 3]], 'ipv6');

/** @param ip an IPv4 or IPv6 address, without brackets; an IPv4 address that is written as IPv6 is not public */
export function isPublicAddress(ip: string): boolean {
  const version = isIP(ip);
  if (version === 4) return !notPublicV4.check(ip);
  if (version !== 6 || ip.includes('%')) return false;
  return unicastV6.check(ip, 'ipv6') && !notPublicV6.check(ip, 'ipv6');
}

/**
 * Reads a list of addresses and networks.
 * @param entries such as `10.0.0.7`, `192.168.0.0/16` or `::1`
 * @throws Error that names the wrong entry
 */
export function readNetworks(entries: readonly string[], setting: string): (ip: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits, ...more] = entry.split('/');
    const version = isIP(address);
    const longest = version === 4 ? 32 : 128;
    const prefix = bits === undefined ? longest : Number(bits);
    const isRight = version > 0 && more.length === 0 && Number.isInteger(prefix) && bits !== '';
    if (!isRight || prefix < 0 || prefix > longest || address.includes('%')) {
      throw new Error(
        `${setting} must be addresses and networks such as 10.0.0.7, 192.168.0.0/16 or ::1, with commas between them; got ${JSON.stringify(entry)}`,
      );
    }
    list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  }
  return (ip) => isIP(ip) > 0 && list.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
}

function listOf(networks: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, bits] of networks) list.addSubnet(address, bits, family);
  return list;
}
