import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleOutcome } from '../../src/domain/releases/promotion.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { distillationJob, newVersion } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const REFUSED: RuleOutcome = {
  rule: 'baseline',
  value: -0.05,
  low: -0.06,
  high: -0.04,
  limit: 0,
  passed: false,
  decided: 'interval',
  text: 'Against popularity: not passed.',
};

let service: Service;
let models: Service['store']['models'];
beforeEach(async () => {
  service = await startService();
  models = service.store.models;
  for (const jobId of ['a', 'b', 'c']) await models.publish(newVersion({ jobId }), 'stable');
});
afterEach(() => service.close());

const ask = (method: 'get' | 'put' | 'post' | 'patch' | 'delete', path: string, body?: object) => {
  const asked = request(service.url)[method](path);
  return body ? asked.send(body) : asked;
};
const stable = async () => (await models.resolve('movies', 'stable'))?.version;

describe('an alias', () => {
  it('moves against the gate with a key of the scope admin alone', async () => {
    const gate = { comparedWith: 3, foundUnder: 'stable', rules: [REFUSED], merit: 0.1 };
    await models.publish(newVersion({ jobId: 'd', gate }), { alias: 'stable', isOff: false });
    const hash = (key: string) => createHash('sha256').update(key).digest('hex');
    const apiKeys = parseApiKeys(['publish', 'admin'].map((scope) => `${hash(scope)}:${scope}`).join());
    const guarded = await startService({ store: service.store, apiKeys });
    const put = (key: string, version: number) =>
      request(guarded.url)
        .put('/models/movies/aliases/stable')
        .set('x-api-key', key)
        .send({ version, reason: 'looks right' });
    expectProblem(await put('publish', 4), 403, 'forbidden', /refused by its gate \(baseline\).*scope admin/);
    await put('publish', 2).expect(200);
    await put('admin', 4).expect(200);
    await guarded.app.close();
  });

  it('moves against the gate with a reason only, which is in its history', async () => {
    const gate = { comparedWith: 3, foundUnder: 'stable', rules: [REFUSED], merit: 0.1 };
    await models.publish(newVersion({ jobId: 'd', gate }), { alias: 'stable', isOff: false });
    const alias = '/models/movies/aliases/stable';
    expectProblem(
      await ask('put', alias, { version: 4 }),
      400,
      'invalid-request',
      /reason must say why version 4 is to take stable although its gate has refused it \(baseline\)/,
    );
    for (const reason of ['x', '   ', ' \n a \t']) {
      const refused = await ask('put', alias, { version: 4, reason });
      expectProblem(
        refused,
        400,
        'invalid-request',
        /reason must be text of 3-500 characters, blanks around/,
      );
    }
    expectProblem(await ask('delete', `${alias}?reason=%20%20%20`), 400, 'invalid-request', /reason must be/);
    expect(await stable()).toBe(3);
    expect((await ask('put', alias, { version: 4, reason: ' looks right\n' })).status).toBe(200);
    const { body } = await ask('get', `${alias}/history?limit=2`);
    expect(body.data).toMatchObject([
      { seq: 4, version: 4, action: 'set', reason: 'looks right', jobId: null },
      { seq: 3, version: 3, action: 'published', reason: null, jobId: 'c' },
    ]);
    const rest = await ask('get', `${alias}/history?cursor=${body.nextCursor}`);
    expect(rest.body).toMatchObject({ data: [{ seq: 2 }, { seq: 1 }], nextCursor: null });
    expectProblem(await ask('get', `${alias}/history?cursor=x`), 400, 'invalid-request', /cursor/);
    expectProblem(await ask('get', '/models/movies/aliases/no/history'), 404, 'not-found', /never had/);
  });

  it('rolls back step by step, until there is nothing before', async () => {
    const back = (body: object) => ask('post', '/models/movies/rollback', body);
    const etag = (await ask('get', '/models/movies/aliases/stable')).headers.etag!;
    expect((await back({ reason: 'bad lists' })).body).toMatchObject({ alias: 'stable', version: 2 });
    expectProblem(
      await ask('post', '/models/movies/rollback', { reason: 'bad lists' }).set('if-match', etag),
      412,
      'precondition-failed',
      /If-Match/,
    );
    expect((await back({ reason: 'still bad' })).body).toMatchObject({ version: 1 });
    expectProblem(await back({ reason: 'even so' }), 409, 'conflict', /no version before 1/);
    expectProblem(await back({ reason: 'odd', alias: 'trial' }), 404, 'not-found', /no alias "trial"/);
    expectProblem(await back({}), 400, 'invalid-request', /reason/);
    expect(service.queue.sent.filter(({ kind }) => kind === 'models')).toHaveLength(2);
  });

  it('is removed, unless it has changed since', async () => {
    const alias = '/models/movies/aliases/stable';
    expectProblem(
      await ask('delete', alias).set('if-match', '"1-1"'),
      412,
      'precondition-failed',
      /If-Match/,
    );
    expect((await ask('delete', `${alias}?reason=closed`)).status).toBe(204);
    expectProblem(await ask('delete', alias), 404, 'not-found', /no alias "stable"/);
    expect(await stable()).toBeUndefined();
    const back = await ask('post', '/models/movies/rollback', { reason: 'too soon' });
    const putBack = /was removed, and had version 3: put it back with PUT .models.movies.aliases.stable/;
    expectProblem(back, 404, 'not-found', putBack);
    expect(back.body.version).toBe(3);
    await models.removeVersion('movies', 3);
    const gone = await ask('post', '/models/movies/rollback', { reason: 'too soon' });
    expectProblem(gone, 404, 'not-found', /no alias "stable"\.$/);
  });
});

describe('versions', () => {
  it('are listed by page, tag, alias and promotion', async () => {
    const changed = await ask('patch', '/models/movies/versions/2', {
      tags: ['audited', '7.ü:検査_x-'],
      note: 'good',
    });
    expect(changed.body).toMatchObject({
      version: 2,
      tags: ['7.ü:検査_x-', 'audited'],
      note: 'good',
      serving: { state: 'idle' },
    });
    const list = async (query: string) => {
      const { body } = await ask('get', `/models/movies/versions?${query}`);
      return [body.data.map(({ version }: { version: number }) => version), body.nextCursor];
    };
    expect(await list('limit=2')).toEqual([[3, 2], '2']);
    expect(await list('limit=2&cursor=2')).toEqual([[1], null]);
    expect(await list('tag=audited')).toEqual([[2], null]);
    expect(await list('alias=stable')).toEqual([[3], null]);
    expect(await list('promoted=true')).toEqual([[], null]);
    expectProblem(await ask('get', '/models/films/versions'), 404, 'not-found', /no model "films"/);
    expectProblem(
      await ask('get', '/models/movies/versions?promoted=yes'),
      400,
      'invalid-request',
      /promoted/,
    );
    expectProblem(await ask('get', '/models/movies/versions?cursor=x'), 400, 'invalid-request', /cursor/);
  });

  it.each([
    [{ tags: ['a b'] }, /tags\[0\] must be text of 1-64 letters of any script, digits, dots,.*got "a b"/],
    [{ tags: [':a'] }, /begins with a letter or a digit; got ":a"/],
    [{ note: '' }, /note/],
    [{ name: 'x' }, /name/],
  ])('are not changed by %o', async (body, reason) => {
    expectProblem(await ask('patch', '/models/movies/versions/2', body), 400, 'invalid-request', reason);
  });

  it('tell their lineage both ways', async () => {
    const taughtBy = [{ model: 'movies', version: 1 }];
    await models.publish(newVersion({ jobId: 'h', model: 'books', taughtBy }), 'stable');
    expect((await ask('get', '/models/books/versions/1/lineage')).body).toEqual({
      model: 'books',
      version: 1,
      teachers: taughtBy,
      students: [],
      replaced: null,
      successors: [],
    });
    const { body } = await ask('get', '/models/movies/versions/1/lineage');
    expect(body.students).toEqual([{ model: 'books', version: 1 }]);
    expectProblem(await ask('get', '/models/movies/versions/9/lineage'), 404, 'not-found', /no version 9/);
  });

  it('and models are deleted, but not what is in use', async () => {
    expectProblem(
      await ask('delete', '/models/movies/versions/3'),
      409,
      'conflict',
      /needed by alias stable/,
    );
    expect((await ask('delete', '/models/movies/versions/1')).status).toBe(204);
    expectProblem(await ask('delete', '/models/movies/versions/1'), 404, 'not-found', /no version 1/);
    await service.store.jobs.create(distillationJob('job_x'));
    expectProblem(await ask('delete', '/models/movies'), 409, 'conflict', /alias stable, job job_x/);
    await ask('delete', '/models/movies/aliases/stable');
    await service.store.jobs.transition('job_x', ['queued'], 'cancelled');
    expect((await ask('delete', '/models/movies')).status).toBe(204);
    expectProblem(await ask('delete', '/models/movies'), 404, 'not-found', /no model "movies"/);
  });

  it('are kept as the model says', async () => {
    const settings = '/models/movies/settings';
    expect((await ask('get', settings)).body).toEqual({ model: 'movies', keepVersions: null });
    expect((await ask('patch', settings, { keepVersions: 2 })).body.keepVersions).toBe(2);
    expect((await ask('get', settings)).body.keepVersions).toBe(2);
    expectProblem(await ask('patch', settings, { keepVersions: 0 }), 400, 'invalid-request', /keepVersions/);
    const text = await ask('patch', settings, { keepVersions: '2' });
    expectProblem(
      text,
      400,
      'invalid-request',
      /keepVersions must be a whole number from 1 to 100000, or null; got "2"/,
    );
    expectProblem(
      await ask('patch', '/models/films/settings', { keepVersions: 1 }),
      404,
      'not-found',
      /films/,
    );
  });
});

it('a gate with a metric that the report does not have is refused when the job is posted', async () => {
  const answer = await ask('post', '/jobs', { model: 'movies', publish: { gate: ['magic@10 >= .5'] } });
  expectProblem(answer, 422, 'invalid-job', /publish\.gate\[0\] names the metric magic@10.*it has ndcg@10/);
});

it.each([['on'], [{ metric: 'ndcg@10' }]])('a gate that is %o is told both forms', async (gate) => {
  const answer = await ask('post', '/jobs', { model: 'movies', publish: { gate } });
  expectProblem(
    answer,
    400,
    'invalid-request',
    /publish\.gate must be "off", or a list of rules such as \["ndcg@10/,
  );
});

it('a gate that can never be passed is refused when the job is posted', async () => {
  const gate = [{ metric: 'ndcg@10', atLeast: 5 }];
  const answer = await ask('post', '/jobs', { model: 'movies', publish: { gate } });
  expectProblem(answer, 422, 'invalid-job', /publish\.gate\[0\] can never be passed: ndcg@10 is from 0 to 1/);
});
