import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

// There may be no Docker daemon where the tests run, so this checks what the files name.
const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const matchesIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, name]) => name ?? '');

const dockerfiles = readdirSync(join(root, 'docker')).map((file) => `docker/${file}`);
const kept = matchesIn(read('.dockerignore'), /^!(\S+)$/gm);

test.each(dockerfiles)('what %s copies exists and is not ignored', (file) => {
  const lines = matchesIn(read(file), /^COPY (?!--from)(.+) \S+$/gm);
  const sources = lines.flatMap((line) => line.split(' '));
  expect(sources).not.toEqual([]);
  expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  expect(sources.filter((source) => !kept.includes(source))).toEqual([]);
});

test.each(dockerfiles)('the scripts that %s runs exist', (file) => {
  const scripts = matchesIn(read(file), /\bnode (scripts\/\S+)/g);
  const programs = matchesIn(read(file), /"dist\/([^"]+)[.]js"/g).map((name) => `src/${name}.ts`);
  expect(scripts).not.toEqual([]);
  expect(programs).not.toEqual([]);
  expect([...scripts, ...programs].filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

test.each(dockerfiles)('%s asks set-up for steps that it knows', (file) => {
  const asked = matchesIn(read(file), /--only=(\S+)/g).flatMap((list) => list.split(','));
  const steps = readdirSync(join(root, 'scripts/setup')).flatMap((name) =>
    matchesIn(read(`scripts/setup/${name}`), /^ {2}name: '(\w+)',$/gm),
  );
  expect(asked.filter((name) => !steps.includes(name))).toEqual([]);
});

test.each(dockerfiles)('%s ends as another user than root', (file) => {
  expect(matchesIn(read(file), /^USER (\S+)$/gm).at(-1)).toBe('node');
});

test('the compose file builds from Dockerfiles that exist, each of them', () => {
  const named = matchesIn(read('docker-compose.yml'), /dockerfile: (\S+)/g);
  expect(named.sort()).toEqual(dockerfiles.sort());
});
