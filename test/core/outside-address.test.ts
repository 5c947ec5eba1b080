import { describe, expect, it } from 'vitest';
import { isPublicAddress, readNetworks } from '../../src/core/outside-address.ts';

describe('isPublicAddress', () => {
  it.each([
    ...['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.0', '192.167.255.255', '100.63.255.255'],
    ...['2606:4700:4700::1111', '2a00:1450:4001:81b::200e'],
  ])('takes %s', (ip) => expect(isPublicAddress(ip)).toBe(true));

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1'],
    // IPv4 addresses in other clothes: mapped, translated, 6to4, Teredo.
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001::1'],
    ...['localhost', '', '1.2.3', '[::1]'],
  ])('refuses %s', (ip) => expect(isPublicAddress(ip)).toBe(false));
});

describe('readNetworks', () => {
  it('knows addresses and networks of both kinds', () => {
    const isListed = readNetworks(['10.0.0.7', '192.168.0.0/16', '::1', 'fd00::/8'], 'LIST');
    const yes = ['10.0.0.7', '192.168.255.1', '::1', 'fd12::5'];
    const no = ['10.0.0.8', '192.169.0.1', '::2', 'fe80::1', 'host', ''];
    expect(yes.filter(isListed)).toEqual(yes);
    expect(no.filter(isListed)).toEqual([]);
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0/8',
    '::1/129',
    'localhost',
    '1.2.3.4/8/9',
    'fe80::1%a',
  ])('refuses %s', (entry) =>
    expect(() => readNetworks([entry], 'LIST')).toThrow(/LIST must be addresses.*got "/),
  );
});
