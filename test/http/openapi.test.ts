import { readFile } from 'node:fs/promises';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEM_CODES } from '../../src/core/errors.ts';
import { buildApp } from '../../src/http/app.ts';
import { inertDeps } from '../../src/http/docs/inert-deps.ts';
import { type Media, type OpenApi, type Operation, openDocument } from './open-api.ts';
import { type Service, startService } from './service.ts';

let document: OpenApi;
let raw: OpenApi;
let wrongWith: ReturnType<typeof openDocument>['wrongWith'];
let operations: [string, Operation][];
beforeAll(async () => {
  const app = buildApp(inertDeps());
  await app.ready();
  raw = app.swagger() as unknown as OpenApi;
  await app.close();
  ({ document, wrongWith } = openDocument(raw));
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );
});

describe('openapi.json', () => {
  it('is what the routes say', async () => {
    const committed = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8');
    expect(committed, 'run "npm run openapi" and commit the result').toBe(
      `${JSON.stringify(raw, null, 2)}\n`,
    );
  });

  it('describes every operation and each of its parameters', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers.map(({ url }) => url)).toEqual(['/', 'http://127.0.0.1:3000']);
    expect(operations.length).toBeGreaterThanOrEqual(60);
    expect(operations.map(([name]) => name)).toContain('get /metrics');
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
    const tags = document.tags.map(({ name }) => name);
    for (const [name, operation] of operations) {
      expect(operation.summary, name).toMatch(/^[A-Z].{5,}/);
      expect(operation.description, name).toMatch(/^[A-Z].{5,}\.$/);
      expect(
        operation.tags.filter((tag) => tags.includes(tag)),
        name,
      ).toHaveLength(1);
      for (const { name: parameter, description, example, examples } of operation.parameters ?? []) {
        expect(description, `${name} ${parameter}`).toMatch(/.{5,}/);
        expect(example ?? examples, `${name} ${parameter}`).toBeDefined();
      }
    }
  });

  it('has named examples for every body, every answer and every failure', () => {
    for (const [name, { requestBody, responses }] of operations) {
      const bodies = Object.values(requestBody?.content ?? {});
      if (bodies.length > 0) expect(bodies.some(hasExample), `${name}: body`).toBe(true);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const [type, media] of Object.entries(content)) {
          expect(hasExample(media), `${name} ${status} ${type}`).toBe(true);
        }
      }
    }
    expect(JSON.stringify(document)).not.toMatch(/"example\d+"/);
  });

  it('has examples that fit their schemas', () => {
    for (const [name, { schema, examples = {} }] of operations.flatMap(mediaOf)) {
      for (const [example, { value }] of Object.entries(examples)) {
        expect(wrongWith(schema, value), `${name}: ${example}`).toBe(null);
      }
    }
    for (const [name, { parameters = [] }] of operations) {
      for (const { name: parameter, schema, example, examples = {} } of parameters) {
        const values = Object.values(examples).map(({ value }: { value: unknown }) => value);
        for (const value of example === undefined ? values : [example]) {
          expect(wrongWith(schema, value), `${name} ${parameter}`).toBe(null);
        }
      }
    }
  });

  it.each([
    ['get /rules/{id}', '400'],
    ['get /schedules/{id}', '400'],
    ['get /jobs/{id}', '400'],
    ['get /models/{name}/aliases/{alias}', '400'],
    ['post /jobs', '401'],
    ['post /jobs', '403'],
    ['post /jobs', '413'],
    ['post /jobs/{id}/cancel', '413'],
    ['delete /rules/{id}', '415'],
    ['get /stats', '415'],
    ['post /jobs/{id}/retry', '429'],
    ['get /metrics', '503'],
    ['get /health/live', '403'],
  ])('%s says what is answered with %s', (name, status) => {
    const [, { responses }] = operations.find(([known]) => known === name)!;
    expect(Object.keys(responses)).toContain(status);
  });

  it('says of every operation that headers may be too large, and that something may go wrong here', () => {
    for (const [name, { responses }] of operations) {
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(['408', '431', '500']));
    }
  });

  it('refers only to what is there', () => {
    const references = [...JSON.stringify(raw).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect(references.length).toBeGreaterThan(200);
    const known = Object.entries(raw.components).flatMap(([kind, named]) =>
      kind === 'securitySchemes' ? [] : Object.keys(named).map((name) => `#/components/${kind}/${name}`),
    );
    expect(new Set(references)).toEqual(new Set(known));
  });

  it('defines each shape once', () => {
    const times = new Map<string, number>();
    (function count(value: unknown): void {
      if (typeof value !== 'object' || value === null) return;
      const { properties, required } = value as { properties?: object; required?: string[] };
      if (typeof properties === 'object') {
        const text = JSON.stringify([required, properties]);
        times.set(text, (times.get(text) ?? 0) + 1);
      }
      Object.values(value).forEach(count);
    })(raw);
    const twice = [...times].filter(([, n]) => n > 1).map(([text]) => text.slice(0, 200));
    expect(twice).toEqual([]);
  });

  it('names the shapes that programs hold in their hands, with the codes of the catalogue', () => {
    const { schemas } = raw.components;
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining([
        'DistillationSpec',
        'TeacherSpec',
        'LossSpec',
        'StudentSpec',
        'Job',
        'Problem',
      ]),
    );
    expect(schemas.Problem!.properties).toMatchObject({ code: { $ref: '#/components/schemas/ProblemCode' } });
    expect(schemas.ProblemCode!.enum).toEqual(PROBLEM_CODES);
  });

  it('says of every number that is no whole one that it is a double', () => {
    const numbers = [...JSON.stringify(raw).matchAll(/"type":"number"[^}]*/g)].map(([text]) => text);
    expect(numbers.length).toBeGreaterThan(50);
    for (const text of numbers) expect(text).toContain('"format":"double"');
  });
});

function mediaOf([name, { requestBody, responses }]: [string, Operation]): [string, Media][] {
  const contents = [
    requestBody?.content ?? {},
    ...Object.values(responses).map(({ content }) => content ?? {}),
  ];
  return contents.flatMap((content) =>
    Object.entries(content).map(([type, media]): [string, Media] => [`${name} ${type}`, media]),
  );
}

function hasExample({ examples }: Media): boolean {
  return Object.keys(examples ?? {}).length > 0;
}

describe('the documentation', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it('is served, beside the console that the root leads to', async () => {
    const served = await request(service.url).get('/openapi.json').expect(200);
    expect(served.body).toEqual(JSON.parse(JSON.stringify(raw)));
    const root = await request(service.url).get('/').expect(302);
    expect(root.headers.location).toBe('./console/');
    expect((await request(service.url).get('/docs').redirects(2).expect(200)).text).toContain('swagger-ui');
  });
});
