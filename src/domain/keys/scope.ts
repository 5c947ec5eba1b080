/** Scopes that a key may have. */
export const SCOPES = ['recommend', 'events', 'read', 'write', 'train', 'publish', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Names of earlier releases, and the scope that each stands for. */
const FORMER_NAMES = { ingest: 'write' } as const satisfies Record<string, Scope>;

/**
 * The scopes of keys that each demand of a route is met by; `admin` meets all of them. `session` is for routes that take the
 * events of one visitor, `any` for what every holder of a key may know, and `ingest` is what routes for writers were called before.
 */
const MET_BY = {
  recommend: ['recommend', 'read'],
  session: ['recommend', 'events', 'write'],
  events: ['events', 'write'],
  read: ['read'],
  write: ['write'],
  ingest: ['write'],
  train: ['train'],
  publish: ['publish'],
  admin: ['admin'],
  any: SCOPES,
} as const satisfies Record<string, readonly Scope[]>;

/** Demands that a route may make of a key. */
export type RouteScope = keyof typeof MET_BY;

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** The scope that a name of today or of an earlier release stands for; undefined for any other text. */
export function scopeNamed(text: string): Scope | undefined {
  if (isScope(text)) return text;
  return Object.hasOwn(FORMER_NAMES, text) ? FORMER_NAMES[text as keyof typeof FORMER_NAMES] : undefined;
}

export function isMet(demand: RouteScope, scopes: ReadonlySet<Scope>): boolean {
  return scopes.has('admin') || MET_BY[demand].some((scope) => scopes.has(scope));
}

/** The narrowest scopes that meet a demand, for documents and for sentences about a missing scope. */
export function leastScopes(demand: RouteScope): readonly Scope[] {
  if (demand === 'any') return SCOPES;
  return demand === 'session' ? ['recommend', 'events'] : [MET_BY[demand][0]];
}
