import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { packTeacher } from '../../src/artifact/teacher-files.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
  await storeEnough(service.store);
  const state = {
    kind: 'popularity',
    settings: { kind: 'popularity' },
    epochs: 1,
    tensors: { logShares: { shape: [2], values: new Float32Array(2) } },
  };
  await createFsStore(`file:${service.folder}/artifacts`).putFolder(
    'models/movies/job-2',
    packTeacher(state, 'popularity'),
  );
  for (const [number, alias] of [
    [1, 'stable'],
    [2, 'canary'],
  ] as const) {
    await service.store.models.publish(
      {
        model: 'movies',
        jobId: `job-${number}`,
        artifact: `models/movies/job-${number}`,
        bytes: 100,
        items: 2,
        dimensions: 2,
        summary: { metrics: {}, compressionRatio: 1 },
      },
      alias,
    );
  }
});
afterEach(() => service.close());

const post = (teacher: object, more = {}) =>
  request(service.url)
    .post('/jobs')
    .send({ model: 'next', teacher, ...more });

describe('POST /jobs with a stored teacher', () => {
  it('is accepted with the version that the alias points at', async () => {
    const { body } = await post({ model: 'movies', alias: 'canary' }).expect(202);
    expect(body.spec.teacher).toEqual({ kind: 'stored', model: 'movies', version: 2, part: 'teacher' });
    const old = await post({ model: 'movies', part: 'student' }).expect(202);
    expect(old.body.spec.teacher).toEqual({ kind: 'stored', model: 'movies', version: 1, part: 'student' });
  });

  it('is the same request after the alias was moved', async () => {
    const send = () => post({ model: 'movies', alias: 'canary' }).set('idempotency-key', 'k1');
    const first = await send().expect(202);
    await service.store.models.setAlias('movies', 'canary', 1);
    expect((await send().expect(202)).body.id).toBe(first.body.id);
  });

  it.each<[object, RegExp]>([
    [{ model: 'films' }, /teacher\.model: there is no model films; there are: movies\./],
    [{ model: 'movies', version: 9 }, /teacher\.version: the model movies has no version 9; it has 1, 2\./],
    [{ model: 'movies', alias: 'nightly' }, /teacher\.alias: .* no alias nightly; it has canary, stable\./],
    [{ model: 'movies', version: 1 }, /version 1 of movies was stored without its teacher.*"part":"student"/],
    [{ model: 'movies', version: 1, alias: 'stable' }, /exclude each other/],
  ])('refuses %o and says what there is', async (teacher, message) => {
    expectProblem(await post(teacher), 422, 'invalid-job', message);
    expect((await request(service.url).get('/jobs')).body.data).toEqual([]);
  });

  it('refuses a frozen layer that does not exist, and a transfer that only a student can give', async () => {
    const freeze = [{ layer: 'attention' }];
    expectProblem(
      await post({ model: 'movies', version: 2 }, { distillation: { freeze } }),
      422,
      'invalid-job',
      /distillation\.freeze\[0\]\.layer attention is none of the student's; it has items/,
    );
    expectProblem(
      await post({ model: 'movies', version: 2 }, { distillation: { transfer: 'all' } }),
      422,
      'invalid-job',
      /transfer all takes over the parameters of a published student/,
    );
    expectProblem(
      await post({ model: 'movies', part: 'assistant' }),
      400,
      'invalid-request',
      /teacher\.part must be one of teacher, student, renewed/,
    );
  });
});

describe('POST /jobs whose teachers are several', () => {
  const members = [{ kind: 'ease' }, { model: 'movies', alias: 'canary' }];
  const ensemble = (more: object[] = members) => ({ kind: 'ensemble', members: more });

  it('is accepted with the version of every member, and keeps the weights', async () => {
    const { body } = await post(ensemble([{ kind: 'ease', weight: 2 }, members[1]!])).expect(202);
    expect(body.spec.teacher).toEqual({
      kind: 'ensemble',
      combine: 'average',
      weights: 'given',
      members: [
        { kind: 'ease', weight: 2 },
        { kind: 'stored', model: 'movies', version: 2, part: 'teacher', weight: 1 },
      ],
    });
    await service.store.models.setAlias('movies', 'canary', 1);
    await service.store.jobs.transition(body.id, ['queued'], 'cancelled');
    const again = await request(service.url).post(`/jobs/${body.id}/retry`).expect(202);
    expect(again.body.spec.teacher).toEqual(body.spec.teacher);
  });

  it('is accepted with the versions of the teachers of its tasks', async () => {
    const tasks = [
      { name: 'buy', types: ['buy'], teacher: members[1] },
      { name: 'look', types: ['look'], teacher: ensemble() },
      { name: 'cart', types: ['cart'] },
    ];
    const { body } = await request(service.url).post('/jobs').send({ model: 'next', tasks }).expect(202);
    const version = { kind: 'stored', model: 'movies', version: 2, part: 'teacher' };
    expect(body.spec.tasks[0].teacher).toEqual(version);
    expect(body.spec.tasks[1].teacher.members[1]).toEqual({ ...version, weight: 1 });
    expect(body.spec.tasks[2]).not.toHaveProperty('teacher');
  });

  it('is accepted for tasks of the names that the version has teachers for', async () => {
    const artifacts = createFsStore(`file:${service.folder}/artifacts`);
    const state = { kind: 'popularity', settings: { kind: 'popularity' }, epochs: 1, tensors: {} };
    await artifacts.putFolder('models/movies/job-1', packTeacher(state, 'popularity', 'buy'));
    const send = (names: string[]) =>
      request(service.url)
        .post('/jobs')
        .send({
          model: 'next',
          teacher: { model: 'movies' },
          tasks: names.map((name) => ({
            name,
            types: [name],
            ...(name === 'own' && { teacher: { kind: 'ease' } }),
          })),
        });
    const { body } = await send(['buy', 'own']).expect(202);
    expect(body.spec.teacher).toEqual({ kind: 'stored', model: 'movies', version: 1, part: 'teacher' });
    const message =
      /^teacher: version 1 of movies was stored without a teacher for the task cart .* for tasks of the same names/;
    expectProblem(await send(['buy', 'cart']), 422, 'invalid-job', message);
  });

  it.each<[object, RegExp]>([
    [
      { teacher: ensemble([{ kind: 'ease' }, { model: 'films' }]) },
      /^teacher\.members\[1\]\.model: there is no model films; there are: movies/,
    ],
    [
      { teacher: ensemble([{ kind: 'ease' }, { kind: 'external', name: 'theirs' }]) },
      /^teacher\.members\[1\]\.name: there is no external teacher theirs; there are: none/,
    ],
    [
      {
        teacher: ensemble([
          { kind: 'ease', weight: 0 },
          { kind: 'popularity', weight: 0 },
        ]),
      },
      /their weights sum to zero/,
    ],
    [{ teacher: ensemble([{ kind: 'ease' }]) }, /at least two teachers; got 1/],
    [
      {
        tasks: [
          { name: 'a', types: ['a'], teacher: { model: 'movies', version: 9 } },
          { name: 'b', types: ['b'] },
        ],
      },
      /^tasks\[0\]\.teacher\.version: the model movies has no version 9; it has 1, 2/,
    ],
    [
      {
        tasks: [
          { name: 'a', types: ['a'] },
          { name: 'b', types: ['b'], teacher: { kind: 'external', name: 'theirs' } },
        ],
      },
      /^tasks\[1\]\.teacher\.name: there is no external teacher theirs/,
    ],
    [
      {
        tasks: [
          { name: 'a', types: ['a'] },
          { name: 'b', types: ['b'], teacher: ensemble([{ kind: 'ease' }, { model: 'movies', version: 1 }]) },
        ],
      },
      /^tasks\[1\]\.teacher\.members\[1\]: version 1 of movies was stored without a teacher for the task b/,
    ],
  ])('refuses %j with the field that is wrong, and starts nothing', async (spec, detail) => {
    const answer = await request(service.url)
      .post('/jobs')
      .send({ model: 'next', ...spec });
    expectProblem(answer, 422, 'invalid-job', detail);
    expect((await request(service.url).get('/jobs')).body.data).toEqual([]);
  });

  it.each<[object, RegExp]>([
    [
      ensemble([{ kind: 'ease' }, { kind: 'unknown' }]),
      /teacher\.members\[1\]\.kind must be one of autoencoder, /,
    ],
    [
      ensemble([{ kind: 'ease' }, { ...ensemble() }]),
      /teacher\.members\[1\]\.kind must be one of .*; got "ensemble"; auto and ensemble are several/,
    ],
    [{ version: 1 }, /teacher\.model is missing; stored needs it: the name of a model/],
    [{ ...ensemble(), combine: 'sum' }, /teacher\.combine must be one of average, distributions/],
  ])('refuses what does not fit the schema: %j', async (teacher, detail) => {
    expectProblem(await post(teacher), 400, 'invalid-request', detail);
  });
});
