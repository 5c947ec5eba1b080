import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

export interface Media {
  schema: Record<string, unknown>;
  examples?: Record<string, { value: unknown }>;
}
export interface Response {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, Media>;
}
export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters?: {
    name: string;
    in: string;
    description?: string;
    example?: unknown;
    examples?: object;
    schema: object;
  }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Response>;
}
export interface OpenApi {
  openapi: string;
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Record<string, unknown>>;
    responses: Record<string, Response>;
    headers: Record<string, object>;
  };
}

/** A document with references to responses resolved, and checks of values against its schemas. */
export function openDocument(raw: object) {
  const document = structuredClone(raw) as OpenApi;
  const ajv = formats.default(new Ajv({ strict: false, allErrors: true }));
  ajv.addSchema({ ...document, $id: 'openapi' });
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const { $ref } = response as { $ref?: string };
      if ($ref) operation.responses[status] = document.components.responses[$ref.split('/').pop()!]!;
    }
  }
  const compiled = new Map<string, ValidateFunction>();
  /** Says what is wrong with the value; null where nothing is. */
  function wrongWith(schema: object, value: unknown): string | null {
    const absolute = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
    const check = compiled.get(absolute) ?? ajv.compile(JSON.parse(absolute));
    compiled.set(absolute, check);
    return check(value) ? null : ajv.errorsText(check.errors);
  }
  return { document, wrongWith };
}
