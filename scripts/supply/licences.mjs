// @ts-check
// Which licences the packages that are shipped may have.
import { readJson } from '../setup/files.mjs';

/** Licences that ask for no more than their own text. */
const ALLOWED = new Set([
  ...['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['CC0-1.0', 'Unlicense', 'Python-2.0', 'WTFPL', 'Zlib'],
]);

/** Packages whose entry in the lock file does not say it, with what their own LICENSE says. @type {Record<string, string>} */
export const EXCEPTIONS = {
  '@msgpackr-extract/msgpackr-extract-darwin-arm64':
    'MIT by the LICENSE of msgpackr-extract, whose build for one system it is',
  '@msgpackr-extract/msgpackr-extract-darwin-x64': 'the same',
  '@msgpackr-extract/msgpackr-extract-linux-arm': 'the same',
  '@msgpackr-extract/msgpackr-extract-win32-x64': 'the same',
};

/** @param {string} expression of SPDX: of OR one side is enough, of AND both are needed */
export function isAllowed(expression) {
  const bare = expression.replace(/^\((.*)\)$/, '$1');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  if (bare.includes(' AND ')) return bare.split(' AND ').every(isAllowed);
  return ALLOWED.has(bare.trim());
}

/**
 * Packages that are shipped and whose licence is not on the list.
 * @param {string} lockFile @returns {string[]} `name version: licence`
 */
export function refusedLicences(lockFile) {
  return shippedPackages(lockFile)
    .filter(({ name, license }) => !(license ? isAllowed(license) : name in EXCEPTIONS))
    .map(({ name, version, license }) => `${name} ${version}: ${license ?? 'none named'}`);
}

/** @param {string} lockFile @returns {{ name: string, version: string, license?: string, integrity?: string }[]} */
export function shippedPackages(lockFile) {
  const entries = Object.entries(readJson(lockFile).packages);
  return entries
    .filter(([path, entry]) => path !== '' && !entry.dev)
    .map(([path, entry]) => ({ ...entry, name: path.slice(path.lastIndexOf('node_modules/') + 13) }));
}
