import type { Secrets } from '../../core/secrets.ts';

interface Asked {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** Names under which a request speaks of a person. */
const PERSONS = ['userId', 'into'];
/** Members of queries and bodies that say what is changed, beside the path. */
const NAMED = ['userId', 'itemId', 'type', 'kind', 'name', 'model', 'version', 'into'];
const LONGEST = 200;

/** A user as the audit names one: who was erased must not go on standing there. */
export function userTarget(userId: string, secrets: Pick<Secrets, 'pseudonym'>): string {
  return `user_${secrets.pseudonym(userId)}`;
}

/**
 * Ids of what a request changes: those of its path, what its query and the top of its body name, and the place of what
 * was made. Rows that were sent are not looked at.
 */
export function targetsOf(
  { params, query, body }: Asked,
  location: unknown,
  secrets: Pick<Secrets, 'pseudonym'>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of [named(body), named(query), membersOf(params)]) Object.assign(found, part);
  if (typeof location === 'string') found.made = location;
  const shown = Object.entries(found).map(([name, value]) => [
    name,
    PERSONS.includes(name) ? userTarget(value, secrets) : value.slice(0, LONGEST),
  ]);
  return Object.fromEntries(shown);
}

function named(part: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(membersOf(part)).filter(([name]) => NAMED.includes(name)));
}

/** Texts and numbers of an object, as text. */
function membersOf(part: unknown): Record<string, string> {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return {};
  const members = Object.entries(part).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [],
  );
  return Object.fromEntries(members);
}
