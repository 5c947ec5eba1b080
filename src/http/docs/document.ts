import { CODE_VERSION } from '../../core/version.ts';
import { components } from './components.ts';
import { headerComponents } from './headers.ts';
import { documentedSchema, type JsonSchema } from './json-schema.ts';
import { describeOperation, headersOf, mapOperation, type Operation } from './operation.ts';
import type { DocumentedRoute } from './route.ts';
import { shareResponses } from './share-responses.ts';
import { shareSchemas } from './share-schemas.ts';

const DESCRIPTION = `Trains large recommenders, distils them into small ones, proves what the small one kept, and serves it.

Errors are problem documents (RFC 9457): branch on \`code\`, read \`detail\`. Lists are pages: give \`nextCursor\` as \`cursor\` to read on. Times are ISO-8601 in UTC. Ids in paths are percent-encoded; most HTTP clients drop the segments \`.\` and \`..\` from a path before they send it, however they are encoded.`;

const HEAD = {
  openapi: '3.1.0',
  info: { title: 'Stillhouse', version: CODE_VERSION, description: DESCRIPTION },
  servers: [
    { url: '/', description: 'The service that this document comes from.' },
    { url: 'http://127.0.0.1:3000', description: 'A service on this machine with the default settings.' },
  ],
  tags: [
    { name: 'data', description: 'Interactions, items and users' },
    { name: 'jobs', description: 'Distillations and imports' },
    { name: 'models', description: 'What the jobs made' },
    { name: 'recommendations', description: 'What it is all for' },
    { name: 'rules', description: 'What a business adds to the recommendations' },
    { name: 'operations', description: 'Health, queue, workers and metrics' },
  ],
};

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key with the scope that the operation names.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The same key in a header of its own.',
  },
};

/** The OpenAPI document of these routes: each shape is defined once. */
export function describeService(routes: readonly DocumentedRoute[]): object {
  const operations = routes.map(describeOperation);
  const named = Object.entries(components).map(([name, schema]) => [name, documentedSchema(schema)] as const);
  const uses = operations.flatMap(schemasOf);
  const { refer, definitions } = shareSchemas(Object.fromEntries(named), uses);
  const shared = shareResponses(operations.map((operation) => mapOperation(operation, refer)));
  const paths: Record<string, Record<string, object>> = {};
  for (const [i, { url, method }] of routes.entries()) {
    const path = url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: shared.operations[i]! };
  }
  return {
    ...HEAD,
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: definitions(),
      responses: shared.definitions,
      headers: headerComponents(headersOf(operations)),
    },
  };
}

/** Every schema of an operation, with the name of its place. */
function schemasOf(operation: Operation): [place: string, schema: JsonSchema][] {
  const found: [string, JsonSchema][] = [];
  mapOperation(operation, (schema, place) => {
    found.push([`${operation.operationId}${place}`, schema]);
    return schema;
  });
  return found;
}
