import type { FastifyReply } from 'fastify';
import { expect, it } from 'vitest';
import { buildApp } from '../../src/http/app.ts';
import { inertDeps } from '../../src/http/docs/inert-deps.ts';
import { holdToDocument } from './hold-to-document.ts';

/** Findings about answers that `change` was applied to on their way out; `nothing` where all is as documented. */
async function found(
  paths: string[],
  change: (reply: FastifyReply) => string | undefined = () => undefined,
): Promise<string> {
  const app = buildApp(inertDeps());
  app.addHook('onSend', async (_request, reply, payload) => change(reply) ?? payload);
  const end = holdToDocument(app);
  for (const path of paths) {
    const [method, url] = path.split(' ');
    await app.inject({ method: method as 'GET', url: url!, headers: { host: 'localhost' } });
  }
  await app.close();
  try {
    end();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

it('has nothing against answers as documented, failures and other methods among them', async () => {
  const paths = [
    'GET /health/live',
    'HEAD /health/live',
    'PUT /health/live',
    'GET /nowhere',
    'GET /docs/json',
  ];
  expect(await found([...paths, 'GET /recommend/u?k=0', 'POST /jobs', 'GET /queue'])).toBe('nothing');
});

it('finds a body that does not fit, also of a failure', async () => {
  const body = () => '{"status":"dead"}';
  expect(await found(['GET /health/live'], body)).toMatch(/GET \/health\/live 200: the body does not fit/);
  expect(await found(['GET /recommend/u?k=0'], body)).toMatch(/400: the body does not fit/);
  expect(await found(['GET /nowhere'], body)).toMatch(/the problem does not fit/);
});

it('finds a header, a type and a status that are not documented', async () => {
  const header = (reply: FastifyReply) => void reply.header('x-odd', '1');
  expect(await found(['GET /health/live'], header)).toMatch(/the header x-odd is not declared/);
  const type = (reply: FastifyReply) => void reply.type('text/html');
  expect(await found(['GET /health/live'], type)).toMatch(/the type text\/html is not documented/);
  const status = (reply: FastifyReply) => void reply.code(418);
  expect(await found(['GET /health/live'], status)).toMatch(/418: the status is not documented/);
});
