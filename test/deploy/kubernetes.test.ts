import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { fetchWheel } from '../../scripts/setup/wheels.mjs';
import { Environment, readConfig } from '../../src/core/config.ts';

const ROOT = path.resolve(import.meta.dirname, '../../deploy/kubernetes');
const SCHEMAS = 'kubernetes_validate/kubernetes-json-schema/v1.33.0-local-strict';

// biome-ignore lint/suspicious/noExplicitAny: objects of every shape, held to their schemas below.
type Any = any;

const parsed = (text: string): Any[] => parseAllDocuments(text).map((document) => document.toJS());

/** Objects that would be applied. Without kubectl they are the files of the base as they are. In CI a missing kubectl is a failure. */
function rendered(name: string): Any[] {
  try {
    return parsed(execFileSync('kubectl', ['kustomize', path.join(ROOT, name)], { encoding: 'utf8' }));
  } catch (error) {
    if (process.env.CI || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.warn('There is no kubectl: NOT TESTED is how the files of deploy/kubernetes are put together.');
    const files = readdirSync(path.join(ROOT, 'base')).filter((file) =>
      /^(?!kustomization).*[.]yaml$/.test(file),
    );
    return files.flatMap((file) => parsed(readFileSync(path.join(ROOT, 'base', file), 'utf8')));
  }
}

/** The folder of schemas, or why there is none. In CI that is a failure. */
async function schemas(): Promise<string | null> {
  try {
    return path.join(await fetchWheel('kubernetes'), SCHEMAS);
  } catch (error) {
    if (process.env.CI) throw error;
    console.warn(`NOT TESTED: the schemas of Kubernetes. ${error instanceof Error ? error.message : error}`);
    return null;
  }
}

const folder = await schemas();
const read = (file: string) => JSON.parse(readFileSync(path.join(folder!, file), 'utf8'));

/** Objects of add-ons, whose schemas Kubernetes does not have; their fields are checked by hand below. */
const ADD_ONS = /^keda[.]sh\//;

function schemaFile({ apiVersion, kind }: Any): string {
  const [version, group] = String(apiVersion).split('/').reverse();
  return [kind.toLowerCase(), ...(group ? [group.split('.')[0]] : []), version].join('-').concat('.json');
}

function errorsOf(object: Any) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const { $schema: _dialect, ...definitions } = read('_definitions.json');
  ajv.addSchema(definitions, '_definitions.json');
  const { $schema: _draft, ...schema } = read(schemaFile(object));
  const validate = ajv.compile(schema);
  validate(object);
  return validate.errors;
}

const production = rendered('production');
const pods = (objects: Any[]) =>
  objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map((one) => [one.metadata.name, one]);
const named = (kind: string, name: string) =>
  production.find((one) => one.kind === kind && one.metadata.name === name);

describe.each(['base', 'production'])('deploy/kubernetes/%s', (name) => {
  const objects = rendered(name);

  it.skipIf(folder === null)('holds to the schemas of Kubernetes', { timeout: 60_000 }, () => {
    const checked = objects.filter(({ apiVersion }) => !ADD_ONS.test(apiVersion));
    expect(checked.length).toBeGreaterThan(10);
    for (const one of checked) expect(errorsOf(one), `${one.kind} ${one.metadata.name}`).toBeNull();
    const broken = structuredClone(checked.find(({ kind }) => kind === 'Deployment'));
    broken.spec.template.spec.containers[0].imagee = 'x';
    expect(errorsOf(broken)).not.toBeNull();
  });

  it.each(pods(objects))(
    '%s runs as no root, writes where it may, and has limits',
    (_name, { spec }: Any) => {
      const { spec: pod } = spec.template;
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
      expect(pod.automountServiceAccountToken).toBe(false);
      for (const volume of pod.volumes) expect(volume.emptyDir.sizeLimit).toBeTruthy();
      for (const container of pod.containers) {
        expect(container.securityContext).toMatchObject({
          ...{ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.limits.memory).toBeTruthy();
        expect(container.resources.requests).toMatchObject({
          cpu: expect.anything(),
          memory: expect.anything(),
        });
        expect(container.volumeMounts.map(({ mountPath }: Any) => mountPath)).toEqual(['/data', '/tmp']);
        expect(container.image).toMatch(/^\S+:\d+\.\d+\.\d+$|^stillhouse-\w+$/);
        // No secret stands in these files.
        expect(container.envFrom).toContainEqual({ secretRef: { name: 'stillhouse' } });
      }
    },
  );
});

it('names settings that there are, with values that they may have', () => {
  const lines = readFileSync(path.join(ROOT, 'base/settings.env'), 'utf8').split('\n');
  const set = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('=') as [string, string]);
  const own = pods(production).flatMap(([, { spec }]: Any) => spec.template.spec.containers[0].env ?? []);
  const all = Object.fromEntries([...set, ...own.map(({ name, value }: Any) => [name, value])]);
  expect(Object.keys(all).filter((name) => !(name in Environment.properties))).toEqual([]);
  expect(() => readConfig(all)).not.toThrow();
});

it('has an autoscaler, a budget and probes of the api', () => {
  const { spec } = named('Deployment', 'api');
  expect(spec.replicas).toBeUndefined();
  expect(named('HorizontalPodAutoscaler', 'api').spec).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: 'api' },
    metrics: [{ resource: { name: 'cpu' } }],
  });
  expect(named('PodDisruptionBudget', 'api').spec.selector).toEqual(spec.selector);
  const [container] = spec.template.spec.containers;
  expect(container.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'http' });
  expect(container.livenessProbe.httpGet).toEqual({ path: '/health/live', port: 'http' });
  expect(spec.template.spec.affinity.podAntiAffinity).toBeDefined();
  // It answers on for LEAVE_SECONDS, and then has ten seconds for what is in flight.
  expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(15 + 10);
});

it('has a worker for each lane, trainings on GPU nodes, and a number of workers by queue', () => {
  for (const lane of ['imports', 'training', 'maintenance']) {
    const [container] = named('Deployment', `worker-${lane}`).spec.template.spec.containers;
    expect(container.command.slice(2, 5)).toEqual(['worker', '--queues', lane]);
    expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
  }
  const training = named('Deployment', 'worker-training').spec.template.spec;
  expect(training.nodeSelector).toEqual({ 'nvidia.com/gpu.present': 'true' });
  expect(training.containers[0].resources.limits['nvidia.com/gpu']).toBe('1');
  const drain = training.containers[0].env.find(({ name }: Any) => name === 'DRAIN_SECONDS');
  expect(training.terminationGracePeriodSeconds).toBeGreaterThan(Number(drain.value));
  for (const { metadata, spec } of production.filter(({ kind }) => kind === 'ScaledObject')) {
    const target = named('Deployment', spec.scaleTargetRef.name);
    expect([metadata.name, target.spec.replicas]).toEqual([target.metadata.name, undefined]);
    expect(spec.triggers.map(({ type }: Any) => type)).toEqual(['redis', 'redis']);
    for (const { authenticationRef } of spec.triggers)
      expect(named('TriggerAuthentication', authenticationRef.name)).toBeDefined();
  }
});

it('lets nothing in or out but what is named', () => {
  expect(named('NetworkPolicy', 'nothing-else').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
  const policies = production.filter(({ kind }) => kind === 'NetworkPolicy');
  const labels = pods(production).map(([, { spec }]: Any) => spec.template.metadata.labels);
  for (const { metadata, spec } of policies) {
    const wanted = Object.entries(spec.podSelector.matchLabels ?? {});
    const fits = labels.filter((one: Any) => wanted.every(([key, value]) => one[key] === value));
    expect(fits.length, metadata.name).toBeGreaterThan(0);
  }
});
