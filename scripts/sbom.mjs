#!/usr/bin/env node
// @ts-check
// Writes the bill of materials of all packages that are shipped, as CycloneDX, to .runtime/sbom.cdx.json or the file named.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readJson } from './setup/files.mjs';
import { projectRoot, runtimeFolder } from './setup/paths.mjs';
import { shippedPackages } from './supply/licences.mjs';
import { npm } from './supply/npm.mjs';

const file = resolve(process.argv[2] ?? join(runtimeFolder, 'sbom.cdx.json'));
const { stdout, stderr, status } = npm(['sbom', '--package-lock-only', '--sbom-format=cyclonedx']);
if (status !== 0) {
  console.error(stderr.trim());
  process.exit(1);
}
const bill = JSON.parse(stdout);
// npm names it by the folder that it lies in.
bill.metadata.component.name = readJson(join(projectRoot, 'package.json')).name;
// With --omit=dev npm also leaves out what is shipped and needed by tools too, so it is picked here.
const shipped = new Set(
  shippedPackages(join(projectRoot, 'package-lock.json')).map(({ name, version }) => `${name}@${version}`),
);
/** @param {any} component */
const isShipped = ({ name, version }) => shipped.has(`${name}@${version}`);
bill.components = bill.components.filter(isShipped);
const refs = new Set([bill.metadata.component, ...bill.components].map((one) => one['bom-ref']));
bill.dependencies = bill.dependencies
  .filter((/** @type {any} */ { ref }) => refs.has(ref))
  .map((/** @type {any} */ one) => ({
    ...one,
    dependsOn: one.dependsOn.filter((/** @type {string} */ ref) => refs.has(ref)),
  }));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
console.log(`${file}: ${bill.components.length} packages`);
