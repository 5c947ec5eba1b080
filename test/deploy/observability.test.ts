import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createWorkerMetrics } from '../../src/worker/port/worker-metrics.ts';
import { type Service, startService } from '../http/service.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'deploy/observability');
const read = (...parts: string[]) => readFileSync(path.join(folder, ...parts), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}
const rules: Rule[] = parse(read('rules.yml')).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

interface Dashboard {
  uid: string;
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}
const dashboards = readdirSync(path.join(folder, 'grafana/dashboards')).map(
  (file): Dashboard => JSON.parse(read('grafana/dashboards', file)),
);

let service: Service;
const exported = new Set<string>();

beforeAll(async () => {
  const space = { freeBytes: 2, leastBytes: 1, isLow: false };
  service = await startService({ disk: { look: async () => space, require: async () => {} } as never });
  const { text } = await request(service.url).get('/metrics').expect(200);
  const worker = await createWorkerMetrics().registry.metrics();
  for (const [, name, type] of `${text}\n${worker}`.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) exported.add(`${name}${suffix}`);
  }
});
afterAll(() => service.close());

/** Returns what a query reads: its series, without the names of functions and labels. */
function seriesIn(expression: string): string[] {
  const names = expression.replace(/\{[^}]*\}/g, '').match(/\b(stillhouse|nodejs|process)_\w+/g) ?? [];
  return [...new Set(names)];
}

describe('the rules for Prometheus', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s reads metrics that are exported',
    (_name, rule) => {
      const read = seriesIn(rule.expr);
      expect(read.length > 0 || /\bup\b/.test(rule.expr)).toBe(true);
      expect(read.filter((name) => !exported.has(name))).toEqual([]);
    },
  );

  it.each(rules.map(({ alert }) => alert))('%s is explained, with first steps', (alert) => {
    const page = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
    const section = page.split(`### ${alert}\n`)[1]?.split('\n#')[0] ?? '';
    expect(section.match(/^[123]\. /gm)).toHaveLength(3);
  });

  it('have a severity and a summary each, and no name twice', () => {
    for (const {
      labels: { severity },
      annotations,
    } of rules) {
      expect(['critical', 'warning', 'info']).toContain(severity);
      expect(annotations.summary.length).toBeGreaterThan(10);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe('the dashboards for Grafana', () => {
  const queries = dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`${uid}: ${title}`, expr] as const)),
  );

  it.each(queries)('%s reads metrics that are exported', (_name, expression) => {
    expect(seriesIn(expression)).not.toEqual([]);
    expect(seriesIn(expression).filter((name) => !exported.has(name))).toEqual([]);
  });

  it('number their panels, each once', () => {
    for (const { panels } of dashboards) expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

it('scrapes the services of the compose file, on the ports that they have', () => {
  const { services } = parse(readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  const jobs: { dns_sd_configs: { names: string[]; port: number }[] }[] = parse(
    read('prometheus.yml'),
  ).scrape_configs;
  for (const { names, port } of jobs.flatMap(({ dns_sd_configs }) => dns_sd_configs)) {
    for (const name of names) {
      expect(Object.keys(services)).toContain(name);
      expect(port).toBe(name === 'api' ? 3000 : services[name].environment.WORKER_PORT);
    }
  }
  const mounted = ['prometheus', 'grafana'].flatMap((name) => services[name].volumes as string[]);
  const files = mounted.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')[0]!);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect(() => readdirOrFile(path.join(root, file))).not.toThrow();
});

const readdirOrFile = (name: string) => (path.extname(name) ? readFileSync(name) : readdirSync(name));
