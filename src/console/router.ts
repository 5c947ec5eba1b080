import { useEffect, useState } from 'preact/hooks';

/** Where in the console somebody is: `#/jobs/job_1?tab=log` is page `jobs`, rest `['job_1']`, query `tab=log`. */
export interface Place {
  page: string;
  rest: string[];
  query: URLSearchParams;
}

export function parseHash(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const [page = '', ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  return { page, rest, query: new URLSearchParams(query) };
}

/**
 * Address of a place, for `href`. Parts of the path are encoded; what is undefined, null or '' is left out of the query.
 * @example linkTo(['jobs', id], { tab: 'log' })
 */
export function linkTo(
  path: readonly (string | number)[],
  query: Record<string, string | number | null | undefined> = {},
): string {
  const wanted = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const search = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)])).toString();
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}${search && `?${search}`}`;
}

export function go(href: string): void {
  location.hash = href;
}

/** Changes the query of the place without an entry in the browser's history, such as while somebody types. */
export function setQuery(query: Record<string, string | number | null | undefined>): void {
  const { page, rest, query: before } = parseHash(location.hash);
  history.replaceState(null, '', linkTo([page, ...rest], { ...Object.fromEntries(before), ...query }));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const onChange = () => setPlace(parseHash(location.hash));
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return place;
}

/** A broken escape that somebody typed stands for itself. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
