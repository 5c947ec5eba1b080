import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/http/app.ts';
import { inertDeps } from '../../src/http/docs/inert-deps.ts';
import { type Service, startService } from './service.ts';

interface Media {
  schema?: Record<string, unknown>;
  example?: unknown;
  examples?: Record<string, unknown>;
}
interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; description?: string; example?: unknown }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

let document: OpenApi;
let operations: [string, Operation][];
beforeAll(async () => {
  const app = buildApp(inertDeps());
  await app.ready();
  document = app.swagger() as unknown as OpenApi;
  await app.close();
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
      `${JSON.stringify(document, null, 2)}\n`,
    );
  });

  it('describes every operation with a summary, a tag, an id of its own and its failures', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.length).toBeGreaterThanOrEqual(19);
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
    for (const [name, { summary, tags, responses }] of operations) {
      expect(summary, name).toMatch(/^[A-Z].{5,}/);
      expect(tags, name).toHaveLength(1);
      expect(Object.keys(responses), name).toContain('500');
      for (const { description } of Object.values(responses))
        expect(description, name).not.toBe('Default Response');
    }
  });

  it('has an example for every body, every answer and every failure', () => {
    for (const [name, { requestBody, responses }] of operations) {
      const bodies = Object.values(requestBody?.content ?? {});
      if (bodies.length > 0) expect(bodies.some(hasExample), `${name}: body`).toBe(true);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const [type, media] of Object.entries(content)) {
          expect(hasExample(media), `${name} ${status} ${type}`).toBe(true);
        }
      }
    }
  });

  it('has examples that fit their schemas', () => {
    const ajv = formats.default(new Ajv({ strict: false, allErrors: true }));
    const local = JSON.parse(JSON.stringify(document).replaceAll('#/components/schemas/', '')) as OpenApi;
    for (const [name, schema] of Object.entries(local.components.schemas)) ajv.addSchema(schema, name);
    for (const [name, media] of operations.flatMap(mediaOf)) {
      const schema = JSON.parse(JSON.stringify(media.schema).replaceAll('#/components/schemas/', ''));
      const values = Object.values(media.examples ?? {}).map(
        (example) => (example as { value: unknown }).value,
      );
      for (const value of media.example === undefined ? values : [media.example]) {
        expect(ajv.validate(schema, value), `${name}: ${ajv.errorsText()}`).toBe(true);
      }
    }
  });

  it('refers only to schemas that are there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect(references.length).toBeGreaterThan(50);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(references)).toEqual(new Set(known));
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

function hasExample({ example, examples }: Media): boolean {
  return example !== undefined || Object.keys(examples ?? {}).length > 0;
}

describe('the documentation', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it('is served, and found from the root', async () => {
    const served = await request(service.url).get('/openapi.json').expect(200);
    expect(served.body).toEqual(JSON.parse(JSON.stringify(document)));
    const root = await request(service.url).get('/').expect(302);
    expect(root.headers.location).toBe('/docs');
    expect((await request(service.url).get('/docs').redirects(2).expect(200)).text).toContain('swagger-ui');
  });
});
