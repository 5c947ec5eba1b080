import { mintKey, sha256 } from '../../domain/keys/key-text.ts';
import { SCOPES, scopeNamed } from '../../domain/keys/scope.ts';

const KEY_USAGE = 'stillhouse key [SCOPE+SCOPE]';
const HELP = `${KEY_USAGE}.
Makes an API key for the setting API_KEYS, with the scope admin if none is named; scopes are ${SCOPES.join(', ')}.
Prints the key, which is stored nowhere, and the line that lets it in.`;

/** @returns a new key and its entry of API_KEYS, as lines @throws Error that names an unknown scope */
export function newKeyLines([scopeList = 'admin', ...more]: readonly string[]): string {
  if (scopeList === '--help' || scopeList === '-h') return HELP;
  if (more.length > 0) throw new Error(`Name scopes with + between them: ${KEY_USAGE}.`);
  const names = scopeList.split('+');
  const unknown = names.find((name) => scopeNamed(name) === undefined);
  if (unknown !== undefined)
    throw new Error(`There is no scope ${JSON.stringify(unknown)}; scopes are ${SCOPES.join(', ')}.`);
  const { text } = mintKey();
  const scopes = [...new Set(names.map(scopeNamed))].join('+');
  return `key (shown this once): ${text}\nAPI_KEYS=${sha256(text).toString('hex')}:${scopes}`;
}
