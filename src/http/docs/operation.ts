import { leastScopes } from '../../domain/keys/scope.ts';
import type { Answer, Content, Examples } from './documentation.ts';
import { ALWAYS, type HeaderName, headerReferences } from './headers.ts';
import { documentedSchema, type JsonSchema } from './json-schema.ts';
import { problemResponses } from './problem-responses.ts';
import type { DocumentedRoute } from './route.ts';

type Media = Record<string, { schema: JsonSchema; examples?: object }>;

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
  example?: unknown;
  examples?: object;
}

export interface Response {
  description: string;
  headers?: Record<string, { $ref: string }>;
  content?: Media;
}

export interface Operation {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Media };
  responses: Record<string, Response>;
}

export function describeOperation(route: DocumentedRoute): Operation {
  const { schema, config } = route;
  const { operationId = '', tags = [], summary = '', description = '' } = schema;
  const parameters = [
    ...parametersOf('path', schema.params),
    ...parametersOf('query', schema.querystring),
    ...parametersOf('header', schema.headers),
  ];
  const body = config.documentedBody ?? bodyOf(schema.body, schema.examples);
  const { scope } = config;
  return {
    operationId,
    tags,
    summary,
    description,
    security: scope === 'public' || scope === undefined ? [] : leastScopes(scope).flatMap(keyWith),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: !config.rawBody, content: mediaOf(body) } }),
    responses: responsesOf(route),
  };
}

const keyWith = (scope: string): Record<string, string[]>[] => [{ bearer: [scope] }, { apiKey: [scope] }];

function bodyOf(schema: unknown, examples: Examples = {}): Content | undefined {
  return schema ? { 'application/json': { schema: schema as object, examples } } : undefined;
}

function responsesOf(route: DocumentedRoute): Record<string, Response> {
  const answers = Object.entries((route.schema.response ?? {}) as Record<string, Answer>).map(
    ([status, answer]) => [status, { ...answer, headers: [...ALWAYS, ...(answer.headers ?? [])] }] as const,
  );
  // Numbers as names come out in order.
  const all = { ...Object.fromEntries(answers), ...problemResponses(route) };
  return Object.fromEntries(Object.entries(all).map(([status, answer]) => [status, responseOf(answer)]));
}

function responseOf({ description, headers = [], content }: Answer): Response {
  return {
    description,
    ...(headers.length > 0 && { headers: headerReferences(headers) }),
    ...(content && { content: mediaOf(content) }),
  };
}

function mediaOf(content: Content): Media {
  const media = Object.entries(content).map(([type, { schema, examples = {} }]) => {
    const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
    return [
      type,
      {
        schema: documentedSchema(schema),
        ...(named.length > 0 && { examples: Object.fromEntries(named) }),
      },
    ];
  });
  return Object.fromEntries(media);
}

function parametersOf(place: Parameter['in'], schema: unknown): Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = documentedSchema(schema as object) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, examples = [], ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema: rest,
    ...exampleOf(examples as unknown[]),
  }));
}

function exampleOf(examples: readonly unknown[]): Pick<Parameter, 'example' | 'examples'> {
  if (examples.length <= 1) return examples.length === 1 ? { example: examples[0] } : {};
  return { examples: Object.fromEntries(examples.map((value) => [String(value), { value }])) };
}

/** The names of all headers that answers declare. */
export function headersOf(operations: readonly Operation[]): ReadonlySet<HeaderName> {
  return new Set(
    operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ headers }) => Object.keys(headers ?? {}) as HeaderName[]),
    ),
  );
}

/** The operation with each of its schemas replaced; `place` ends a name for the schema. */
export function mapOperation(
  operation: Operation,
  replace: (schema: JsonSchema, place: string) => JsonSchema,
): Operation {
  const mapMedia = (content: Media, place: string): Media =>
    Object.fromEntries(
      Object.entries(content).map(([type, media]) => [
        type,
        { ...media, schema: replace(media.schema, place) },
      ]),
    );
  const { parameters, requestBody, responses } = operation;
  return {
    ...operation,
    ...(parameters && {
      parameters: parameters.map((one) => ({ ...one, schema: replace(one.schema, ` ${one.name}`) })),
    }),
    ...(requestBody && { requestBody: { ...requestBody, content: mapMedia(requestBody.content, ' body') } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [
        status,
        response.content ? { ...response, content: mapMedia(response.content, ' answer') } : response,
      ]),
    ),
  };
}
