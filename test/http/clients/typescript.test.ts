import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveService, startLiveService } from '../live-service.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** As somebody would write it who has the types and nothing else. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

type Spec = components['schemas']['DistillationSpec'];

export async function call(baseUrl: string) {
  const client = createClient<paths>({ baseUrl });
  const interactions = Array.from({ length: 50 }, (_, i) => ({
    userId: 'user-' + (i % 10),
    itemId: 'item-' + Math.floor(i / 5),
    type: 'click',
  }));
  const added = await client.POST('/interactions', { body: { interactions } });
  const spec: Spec = { model: 'movies', student: { kind: 'fold-in', dimensions: 16 }, priority: 3 };
  const started = await client.POST('/jobs', { body: spec });
  const answer = await client.GET('/recommend/{userId}', {
    params: { path: { userId: 'u' }, query: { k: 3, category: ['Odd'] } },
  });
  const refused = await client.GET('/recommend/{userId}', {
    params: { path: { userId: 'u' }, query: { model: 'no-such-model' } },
  });
  return {
    accepted: added.data?.accepted,
    job: { state: started.data?.state, location: started.response.headers.get('location'), id: started.data?.id },
    items: answer.data?.items.map(({ itemId }) => itemId),
    code: refused.error?.code,
  };
}

export const wrong = async (baseUrl: string) => {
  const client = createClient<paths>({ baseUrl });
  // @ts-expect-error k is a number
  await client.GET('/recommend/{userId}', { params: { path: { userId: 'u' }, query: { k: 'three' } } });
  // @ts-expect-error there is no such code
  return (error: components['schemas']['Problem']) => error.code === 'no-such-code';
};
`;

describe('a client made by openapi-typescript', () => {
  let folder: string;
  let service: LiveService;
  beforeAll(async () => {
    // Within the project, so that the program finds openapi-fetch.
    await mkdir(path.join(root, '.runtime'), { recursive: true });
    folder = await mkdtemp(path.join(root, '.runtime/typescript-client-'));
    const schema = await openapiTS(pathToFileURL(path.join(root, 'openapi/openapi.json')));
    await writeFile(path.join(folder, 'schema.d.ts'), astToString(schema));
    await writeFile(path.join(folder, 'call.ts'), PROGRAM);
    service = await startLiveService();
  });
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has types that fit, and refuse what does not', () => {
    const program = ts.createProgram([path.join(folder, 'call.ts')], {
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
    });
    const found = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(found).toEqual([]);
  });

  it('stores interactions, starts a job and gets recommendations', async () => {
    const { outputText } = ts.transpileModule(PROGRAM, {
      compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
    });
    const file = path.join(folder, 'call.mjs');
    await writeFile(file, outputText);
    const { call } = await import(pathToFileURL(file).href);
    const { job, items, ...others } = await call(service.url);
    expect(others).toEqual({ accepted: 50, code: 'not-found' });
    expect(job).toMatchObject({ state: 'queued', location: `/jobs/${job.id}` });
    expect(items).toHaveLength(3);
    for (const item of items) expect(item).toMatch(/^item-\d*[13579]$/);
  });
});
