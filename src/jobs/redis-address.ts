/** Where Redis is. */
export type RedisAddress =
  | { kind: 'server'; url: string }
  | { kind: 'socket'; path: string }
  | ({ kind: 'sentinel'; master: string } & Login & Watchmen)
  | ({ kind: 'cluster' } & Login & Pick<Watchmen, 'hosts'>);

interface Login {
  tls: boolean;
  username?: string;
  password?: string;
}

interface Watchmen {
  hosts: { host: string; port: number }[];
  sentinelUsername?: string;
  sentinelPassword?: string;
}

const SEVERAL = /^(rediss?)\+(sentinel|cluster):\/\/(?:(.*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const PORTS = { sentinel: 26_379, cluster: 6_379 };

/**
 * Reads `REDIS_URL`, whose form the schema of the settings has checked: `redis://`, `rediss://` and `unix://`, and of several servers
 * `redis+sentinel://user:password@host:26379,host:26379/master` and `redis+cluster://user:password@host:6379,host:6379`, with
 * `rediss+` for TLS.
 */
export function redisAddressOf(url: string): RedisAddress {
  if (url.startsWith('unix://')) return { kind: 'socket', path: decodeURIComponent(new URL(url).pathname) };
  const several = SEVERAL.exec(url);
  if (!several) return { kind: 'server', url };
  const [, scheme, kind, login = '', places = '', master = '', query = ''] = several;
  const port = PORTS[kind as keyof typeof PORTS];
  const hosts = places.split(',').map((place) => hostOf(place, port));
  const address = { hosts, tls: scheme === 'rediss', ...loginOf(login) };
  if (kind === 'cluster') return { kind, ...address };
  const asked = new URLSearchParams(query);
  const sentinelUsername = asked.get('sentinelUsername');
  const sentinelPassword = asked.get('sentinelPassword');
  return {
    kind: 'sentinel',
    master: decodeURIComponent(master),
    ...address,
    ...(sentinelUsername !== null && { sentinelUsername }),
    ...(sentinelPassword !== null && { sentinelPassword }),
  };
}

/** A cluster keeps keys together whose names have the same text in braces; scripts of the queue need all of theirs in one place. */
export function keyPrefix(redisUrl: string, prefix: string): string {
  return redisAddressOf(redisUrl).kind === 'cluster' ? `{${prefix}}` : prefix;
}

function hostOf(place: string, port: number): { host: string; port: number } {
  // An IPv6 address stands in brackets.
  const [, host = '', given] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(place) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: given === undefined ? port : Number(given) };
}

function loginOf(login: string): Pick<Login, 'username' | 'password'> {
  const at = login.indexOf(':');
  const [username, password] = at < 0 ? [login, ''] : [login.slice(0, at), login.slice(at + 1)];
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
}
