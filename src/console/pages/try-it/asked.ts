/** Question of the page, as its address says it. */
export interface Asked {
  /** Null: a session. */
  user: string | null;
  /** Items of the session, the newest last. */
  session: string[];
  /** Version number or alias; null: the one that is live. */
  version: string | null;
  /** The other version; null: none, 'live' the one that is live. */
  beside: string | null;
  k: number;
  filter: string;
  category: string;
  diversity: number;
  explain: boolean;
  includeSeen: boolean;
  probability: boolean;
}

const DEFAULT_K = 10;
const MOST_K = 50;

export const LIVE = 'live';

/** Reads an address; what it does not say, or says wrongly, is as by default. */
export function askedIn(query: URLSearchParams): Asked {
  const number = (name: string, least: number, most: number, usual: number) => {
    const value = Number(query.get(name) ?? usual);
    return value >= least && value <= most ? value : usual;
  };
  const user = query.get('user');
  return {
    user: user === null || user === '' ? null : user,
    session: query.getAll('item').filter((id) => id !== ''),
    version: query.get('version') || null,
    beside: query.get('beside') || null,
    k: Math.round(number('k', 1, MOST_K, DEFAULT_K)),
    filter: query.get('filter') ?? '',
    category: query.get('category') ?? '',
    diversity: number('diversity', 0, 1, 0),
    explain: query.get('explain') !== 'false',
    includeSeen: query.get('seen') === 'true',
    probability: query.get('scores') === 'probability',
  };
}

/** The address of what is asked; defaults are left out. */
export function queryOf(asked: Asked): URLSearchParams {
  const query = new URLSearchParams();
  const set = (name: string, value: string | null, usual = '') => {
    if (value !== null && value !== usual) query.set(name, value);
  };
  set('user', asked.user);
  if (asked.user === null) for (const id of asked.session) query.append('item', id);
  set('version', asked.version);
  set('beside', asked.beside);
  set('k', String(asked.k), String(DEFAULT_K));
  set('filter', asked.filter);
  set('category', asked.category);
  set('diversity', String(asked.diversity), '0');
  set('explain', String(asked.explain), 'true');
  set('seen', String(asked.includeSeen), 'false');
  set('scores', asked.probability ? 'probability' : null);
  return query;
}

export interface Request {
  method: 'GET' | 'POST';
  path: string;
  json?: Record<string, unknown>;
}

/** The request of the API that answers what is asked; null where nobody is named and nothing is in the session. */
export function requestOf(model: string, asked: Asked, version: string | null): Request | null {
  const filter = asked.filter.trim();
  const category = asked.category.trim();
  const options = {
    model,
    ...(version !== null && version !== LIVE && { version }),
    k: asked.k,
    ...(filter !== '' && { filter }),
    ...(asked.diversity > 0 && { diversity: asked.diversity }),
    ...(asked.explain && { explain: true }),
    ...(asked.includeSeen && { includeSeen: true }),
    ...(asked.probability && { scores: 'probability' }),
  };
  if (asked.user !== null) {
    const all = { ...options, ...(category !== '' && { category }) };
    const query = new URLSearchParams(Object.entries(all).map(([name, value]) => [name, String(value)]));
    return { method: 'GET', path: `/recommend/${encodeURIComponent(asked.user)}?${query}` };
  }
  if (asked.session.length === 0) return null;
  const interactions = asked.session.map((itemId) => ({ itemId }));
  const json = { ...options, ...(category !== '' && { category: [category] }), interactions };
  return { method: 'POST', path: '/recommend', json };
}
