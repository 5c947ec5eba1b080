/** @param allowed such as `https://data.example.com/exports/`: the same origin, and a path that begins so */
export function isAllowedUrl(url: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, pathname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return allowed.some((prefix) => {
    if (!URL.canParse(prefix)) return false;
    const base = new URL(prefix);
    const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
    return origin === base.origin && (pathname === base.pathname || pathname.startsWith(folder));
  });
}
