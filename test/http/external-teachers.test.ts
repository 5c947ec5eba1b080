import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredExternalTeacher } from '../../src/domain/teachers/external-teacher.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await storeEnough(service.store);
});
afterAll(() => service.close());

const TEACHER: StoredExternalTeacher = {
  name: 'theirs',
  jobId: 'job_0',
  createdAt: '2026-03-01T12:00:00.000Z',
  scores: 20,
  longest: 2,
  bytes: 400,
  sha256: 'f00d',
  artifact: 'teachers/theirs/job_0',
  coverage: { users: 10, items: 10, unknownUsers: 0, unknownItems: 0, shareOfUsers: 1, shareOfItems: 1 },
};
const job = { model: 'm', teacher: { kind: 'external', name: 'theirs' } };
const startJob = (spec: object) => request(service.url).post('/jobs').send(spec);

describe('external teachers', () => {
  it('are listed, read and deleted by name, and named by jobs', async () => {
    expectProblem(await startJob(job), 422, 'invalid-job', /no external teacher theirs; there are: none/);
    await service.store.externalTeachers.put(TEACHER);
    const { artifact: _, ...shown } = TEACHER;
    expect((await request(service.url).get('/teachers').expect(200)).body).toEqual({ data: [shown] });
    expect((await request(service.url).get('/teachers/theirs').expect(200)).body).toEqual(shown);
    const { body } = await startJob(job).expect(202);
    expect(body.spec.teacher).toEqual({ kind: 'external', name: 'theirs' });
    await request(service.url).delete('/teachers/theirs').expect(204);
    for (const method of ['get', 'delete'] as const) {
      const answer = await request(service.url)[method]('/teachers/theirs');
      expectProblem(answer, 404, 'not-found', /no external teacher "theirs"/);
    }
  });

  it.each<[object, RegExp]>([
    [
      { teacher: { kind: 'external' } },
      /teacher.name is missing; external needs it: the name that it was imported as/,
    ],
    [
      { teacher: { kind: 'external', name: 'theirs', epochs: 3 } },
      /teacher.epochs belongs to .*external has name, minUsers, minItems/,
    ],
    [{ teacher: { kind: 'ease', name: 'theirs' } }, /teacher.name belongs to external/],
  ])('are not known in the request %j', async (spec, detail) => {
    expectProblem(await startJob({ model: 'm', ...spec }), 400, 'invalid-request', detail);
  });

  it.each<[object, RegExp]>([
    [
      { ...job, distillation: { transfer: 'neurons' } },
      /transfer neurons takes parameters of the teacher's model.*use svd or none/,
    ],
    [
      { ...job, distillation: { losses: [{ kind: 'fitnet' }, { kind: 'rankLabels' }] } },
      /fitnet needs a teacher with a hidden layer, which external has not/,
    ],
  ])('are refused in the job %j', async (spec, detail) => {
    expectProblem(await startJob({ model: 'm', ...spec }), 422, 'invalid-job', detail);
  });

  it('are imported under a name, which nothing else has', async () => {
    const post = (query: string) =>
      request(service.url).post(`/imports?format=csv&${query}`).send('userId,itemId,score\nu1,i1,1\n');
    expectProblem(await post('kind=teacher'), 400, 'invalid-request', /kind=teacher needs a name/);
    expectProblem(
      await post('kind=teacher&name=A%20b'),
      400,
      'invalid-request',
      /name must be a name of 1-64 small letters/,
    );
    expectProblem(
      await post('kind=items&name=theirs'),
      400,
      'invalid-request',
      /name only belongs to kind=teacher/,
    );
    const { body } = await post('kind=teacher&name=theirs').expect(202);
    expect(body.spec).toMatchObject({ kind: 'teacher', name: 'theirs' });
    // Now the teacher may be on its way: the trainer decides.
    await startJob({ ...job, model: 'later' }).expect(202);
  });
});
