import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../scripts/supply/digest.mjs';
import { imagesIn, withDigests } from '../../scripts/supply/images.mjs';
import { EXCEPTIONS, isAllowed, refusedLicences, shippedPackages } from '../../scripts/supply/licences.mjs';
import { readAudit } from '../../scripts/supply/read-audit.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LOCK = path.join(ROOT, 'package-lock.json');
interface Entry {
  engines?: { node?: string };
  integrity?: string;
  resolved?: string;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

const SHA = `sha256:${'a'.repeat(64)}`;

describe('packages', () => {
  it('that are shipped have licences of the list', () => {
    expect(refusedLicences(LOCK)).toEqual([]);
    const nameless = shippedPackages(LOCK).filter(({ license }) => !license);
    expect(Object.keys(EXCEPTIONS).sort()).toEqual(nameless.map(({ name }) => name).sort());
  });

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['Apache-2.0 AND MIT', true],
    ['(MIT AND GPL-3.0)', false],
    ['AGPL-3.0', false],
    ['SEE LICENSE IN x', false],
  ])('%s: allowed is %s', (licence, allowed) => {
    expect(isAllowed(licence)).toBe(allowed);
  });

  it('run on the oldest Node that is promised, have hashes where they are for all systems, and name no registry', () => {
    const { packages } = JSON.parse(readFileSync(LOCK, 'utf8'));
    const entries = Object.entries<Entry>(packages);
    const [, ...others] = entries;
    /** The least major version of a range such as `^18.19 || >=20.6`. */
    const least = (range: string) =>
      Math.min(...range.split('||').map((part) => Number(/\d+/.exec(part)?.[0] ?? 0)));
    const ours = least(packages[''].engines.node);
    const tooNew = others.filter(([, { engines }]) => engines?.node && least(engines.node) > ours);
    // They ask for Node 22.19 and run on 20: test/integration/consume.test.ts holds the client of Kafka, which needs them, to that.
    const run = ['node_modules/@platformatic/dynamic-buffer', 'node_modules/@platformatic/wasm-utils'];
    expect(tooNew.map(([name]) => name)).toEqual(run);
    // npm learns the hash when it installs; of builds for other systems it has none.
    const here = others.filter(([, { os, libc, cpu }]) => !os && !libc && !cpu);
    expect(here.length).toBeGreaterThan(400);
    expect(
      here.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([name]) => name),
    ).toEqual([]);
    expect(others.filter(([, { resolved }]) => resolved).map(([name]) => name)).toEqual([]);
  });

  it('are all in the bill of materials, with licence and hash', { timeout: 60_000 }, () => {
    const file = path.join(tmpdir(), `stillhouse-sbom-${process.pid}.json`);
    execFileSync(process.execPath, [path.join(ROOT, 'scripts/sbom.mjs'), file]);
    const bill = JSON.parse(readFileSync(file, 'utf8'));
    expect([bill.bomFormat, bill.metadata.component.name]).toEqual(['CycloneDX', 'stillhouse']);
    const named = new Map(
      bill.components.map((one: { name: string; version: string }) => [`${one.name}@${one.version}`, one]),
    );
    const shipped = new Set(shippedPackages(LOCK).map(({ name, version }) => `${name}@${version}`));
    expect([...named.keys()].filter((name) => !shipped.has(name as string))).toEqual([]);
    const direct = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).dependencies;
    for (const [name, version] of Object.entries(direct)) {
      expect(named.get(`${name}@${version}`)).toMatchObject({
        hashes: [{ alg: 'SHA-512' }],
        licenses: [expect.anything()],
      });
    }
  });
});

describe('the audit', () => {
  it('says loudly that nothing was checked where the registry has no answer', () => {
    const refused = JSON.stringify({ message: '405 Method Not Allowed', error: {} });
    expect(readAudit(refused, '')).toMatchObject({ kind: 'unanswered', lines: [/NOT CHECKED.*405/] });
    expect(readAudit('', 'npm error network\nmore')).toMatchObject({ lines: [/NOT CHECKED.*network/] });
  });

  it('fails for what is of weight, and names the rest', () => {
    const found = (severity: string) =>
      JSON.stringify({ vulnerabilities: { tar: { severity, range: '<6.2.1' } } });
    expect(readAudit(found('high'), '')).toEqual({ kind: 'vulnerable', lines: ['high: tar <6.2.1'] });
    expect(readAudit(found('low'), '')).toMatchObject({
      kind: 'clean',
      lines: ['low: tar <6.2.1', /No vuln/],
    });
    expect(readAudit('{"vulnerabilities":{}}', '').kind).toBe('clean');
  });
});

describe('images', () => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/token')) return response.end('{"token":"t"}');
    if (request.headers.authorization !== 'Bearer t') {
      const { port } = server.address() as AddressInfo;
      response.setHeader('www-authenticate', `Bearer realm="http://127.0.0.1:${port}/token",service="s"`);
      return response.writeHead(401).end();
    }
    if (request.url !== '/v2/library/node/manifests/22') return response.writeHead(404).end();
    return response.setHeader('docker-content-digest', SHA).end();
  });
  afterAll(() => void server.close());

  it('get the digest that their registry names', async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await digestOf('node:22', registry)).toBe(SHA);
    await expect(digestOf('node:99', registry)).rejects.toThrow('node:99: the registry answered 404');
  });

  it('are found and written in Dockerfiles and compose files', () => {
    const text = `FROM node:22 AS build\n  image: a/b:v1.2@sha256:${'b'.repeat(64)}\n  build: x\n`;
    expect(imagesIn(text)).toEqual(['node:22', `a/b:v1.2@sha256:${'b'.repeat(64)}`]);
    const written = withDigests(
      text,
      new Map([
        ['node:22', SHA],
        ['a/b:v1.2', SHA],
      ]),
    );
    expect(imagesIn(written)).toEqual([`node:22@${SHA}`, `a/b:v1.2@${SHA}`]);
    expect(withDigests(written, new Map())).toBe(written);
  });

  it('of Dockerfiles have an exact version, the same in all', () => {
    const files = readdirSync(path.join(ROOT, 'docker')).map((name) => path.join(ROOT, 'docker', name));
    const named = new Set(files.flatMap((file) => imagesIn(readFileSync(file, 'utf8'))));
    expect([...named]).toEqual([
      expect.stringMatching(/^node:\d+\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/),
    ]);
  });
});
