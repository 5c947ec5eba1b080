import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainerHealth, WorkerBeat } from '../../src/domain/jobs/worker.ts';
import { interaction } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const post = (path: string, body: object) => request(service.url).post(path).send(body);

describe('a name in the query that a route does not know', () => {
  it('is refused by every route that the document describes, and nothing is done', async () => {
    const { paths } = (await request(service.url).get('/openapi.json').expect(200)).body;
    const tried: string[] = [];
    for (const [path, operations] of Object.entries(paths as Record<string, Record<string, object>>)) {
      // Probes and scrapes may add what they like.
      if (path.startsWith('/health') || path === '/metrics') continue;
      for (const method of Object.keys(operations)) {
        const url = `${path.replace(/\{version\}/, '1').replace(/\{[^}]+\}/g, 'some')}?dryRunn=true`;
        const answer = await request(service.url)[method as 'get'](url);
        // A route may find a fault in path or body before that in the query.
        const { code, detail = '' } = answer.body;
        tried.push(`${method} ${path}`);
        expect(answer.status, `${method} ${url}`).toBe(400);
        if (method === 'get' || method === 'delete')
          expect([code, detail], `${method} ${url}`).toEqual([
            'invalid-request',
            expect.stringMatching(/dryRunn is not known here; (known are|leave it out)/),
          ]);
      }
    }
    expect(tried.length).toBeGreaterThan(50);
  });

  it('stores no interaction and starts no job', async () => {
    await storeEnough(service.store);
    const rows = [{ userId: 'fresh', itemId: 'a', type: 'click' }];
    expectProblem(
      await post('/interactions?foo=1', { interactions: rows }),
      400,
      'invalid-request',
      /^foo is not known here; known are results/,
    );
    expect(await service.store.interactions.history('fresh', 5)).toEqual([]);
    expectProblem(
      await post('/jobs?dryRun=true', { model: 'movies' }),
      400,
      'invalid-request',
      /^dryRun is not known here; leave it out/,
    );
    expect(service.queue.queued).toEqual([]);
    await post('/jobs', { model: 'movies' }).expect(202);
    const { body } = await request(service.url).get('/jobs?stat=x').expect(400);
    expect(body.detail).toMatch(/^stat is not known here; known are .*state/);
  });

  it('is let be in probes', async () => {
    await request(service.url).get('/health/live?at=123').expect(200);
  });
});

describe('a job that cannot come to anything is refused when it is posted:', () => {
  it.each(['ease', 'popularity', 'graph-filter'])(
    'copy and neurons with %s, which has no layers',
    async (kind) => {
      await storeEnough(service.store);
      for (const transfer of ['copy', 'neurons']) {
        expectProblem(
          await post('/jobs', { model: 'm', teacher: { kind }, distillation: { transfer } }),
          422,
          'invalid-job',
          new RegExp(
            `^distillation.transfer ${transfer} takes over layers of the teacher, and ${kind} has none; use svd.*softmax`,
          ),
        );
      }
      expect(service.queue.queued).toEqual([]);
    },
  );

  it('too few users, or items, however many interactions', async () => {
    const rows = (users: number, items: number) =>
      Array.from({ length: 80 }, (_, i) =>
        interaction({ userId: `u${i % users}`, itemId: `i${i % items}`, timestamp: i }),
      );
    await service.store.interactions.add(rows(9, 20));
    expectProblem(
      await post('/jobs', { model: 'm' }),
      422,
      'not-enough-data',
      /at least 50 interactions, of at least 10 users with at least 10 items; there are 9 users\./,
    );
    await service.store.interactions.add(rows(30, 4));
    await post('/jobs', { model: 'm' }).expect(202);
  });

  it('requirements that no worker meets, unless one may still come', async () => {
    await storeEnough(service.store);
    const trainer: TrainerHealth = {
      backend: 'native',
      requested: 'auto',
      reason: null,
      tensorflow: '2.18.1',
      device: null,
      threads: 2,
      memoryMiB: 8000,
      matmulMs: 20,
    };
    const beat = (id: string, more: Partial<WorkerBeat>) =>
      service.store.workers.beat({ id, host: id, concurrency: 1, jobs: [], trainer, problem: null, ...more });
    const ask = (requirements: object) => post('/jobs', { model: 'm', requirements });
    // Nobody is there yet.
    await ask({ device: 'gpu' }).expect(202);
    await beat('one', {});
    await ask({ memoryMiB: 8000 }).expect(202);
    expectProblem(await ask({ memoryMiB: 8001 }), 422, 'invalid-job', /memoryMiB must be at most 8000/);
    expectProblem(await ask({ device: 'gpu' }), 422, 'invalid-job', /their trainers run on native/);
    await beat('two', { trainer: null });
    await ask({ device: 'gpu' }).expect(202);
    await beat('two', { trainer: { ...trainer, backend: 'gpu', memoryMiB: 4000 } });
    await ask({ device: 'gpu' }).expect(202);
    expectProblem(
      await ask({ device: 'gpu', memoryMiB: 5000 }),
      422,
      'invalid-job',
      /memoryMiB must be at most 4000/,
    );
  });
});
