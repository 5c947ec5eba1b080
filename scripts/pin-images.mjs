#!/usr/bin/env node
// @ts-check
// Writes the digest of each image behind its version, in the Dockerfiles and docker-compose.yml: who then builds gets the same
// bytes. Needs the registries. `--check` changes nothing and ends with 1 where a digest is missing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './setup/paths.mjs';
import { digestOf } from './supply/digest.mjs';
import { imagesIn, withDigests } from './supply/images.mjs';

const dockerfiles = readdirSync(join(projectRoot, 'docker')).map((name) => join(projectRoot, 'docker', name));
const files = [...dockerfiles, join(projectRoot, 'docker-compose.yml')];
const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
const images = [...new Set([...texts.values()].flatMap(imagesIn))];
if (process.argv.includes('--check')) {
  const missing = images.filter((image) => !image.includes('@sha256:'));
  for (const image of missing) console.log(`no digest: ${image}`);
  process.exit(missing.length > 0 ? 1 : 0);
}
/** @type {Map<string, string>} */
const digests = new Map();
for (const image of images) {
  const name = image.split('@')[0] ?? image;
  digests.set(name, await digestOf(name));
  console.log(`${name}@${digests.get(name)}`);
}
for (const [file, text] of texts) writeFileSync(file, withDigests(text, digests));
