import { Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { ExternalTeacher, type StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, noContent } from '../docs/documentation.ts';

/** Any text: a name that cannot exist is a teacher that is not there, 404 and not 400. */
const TeacherParams = Type.Object({
  name: Type.String({ description: 'What it was imported as.', examples: ['night-model'] }),
});
const TEACHER: ExternalTeacher = {
  name: 'night-model',
  jobId: 'job_01kq3v0rm2hz5n8c4yj7p3d6fa',
  createdAt: '2026-03-01T12:00:00.000Z',
  scores: 94_300,
  longest: 100,
  bytes: 781_000,
  sha256: '5f2b51ca2fdc5baa31ec02e002f69aec02f7a5e0ac0d2b1e0b0b0a2a4c1d2e3f',
  coverage: {
    users: 943,
    items: 1120,
    unknownUsers: 1,
    unknownItems: 3,
    shareOfUsers: 1,
    shareOfItems: 0.77,
  },
};
const missing = { 'not-found': 'There is no external teacher "night-model".' };

const listTeachers = {
  operationId: 'listExternalTeachers',
  tags: ['models'],
  summary: 'List external teachers',
  description: 'Scores of models made elsewhere, by name. POST /imports?kind=teacher brings them.',
  response: {
    200: json('The teachers.', Type.Object({ data: Type.Array(ExternalTeacher) }), {
      'one teacher': { data: [TEACHER] },
    }),
  },
  problems: {},
};

const getTeacher = {
  operationId: 'getExternalTeacher',
  tags: ['models'],
  summary: 'Read what an external teacher covers',
  description: 'How many users and items have scores, and which share of all they are.',
  params: TeacherParams,
  response: { 200: json('The teacher.', ExternalTeacher, { 'one teacher': TEACHER }) },
  problems: missing,
};

const deleteTeacher = {
  operationId: 'deleteExternalTeacher',
  tags: ['models'],
  summary: 'Delete an external teacher',
  description: 'Models that were distilled from it stay. A job that names it fails from now on.',
  params: TeacherParams,
  response: { 204: noContent('Gone, with its scores.') },
  problems: missing,
};

export function externalTeacherRoutes({
  store: { externalTeachers },
  artifacts,
}: Pick<AppDeps, 'store' | 'artifacts'>) {
  return async (app: App): Promise<void> => {
    app.get('/teachers', {
      config: { scope: 'read' },
      schema: listTeachers,
      handler: async () => ({ data: (await externalTeachers.list()).map(view) }),
    });

    app.get('/teachers/:name', {
      config: { scope: 'read' },
      schema: getTeacher,
      handler: async (request) => {
        const found = await externalTeachers.get(request.params.name);
        if (!found) throw noSuchTeacher(request.params.name);
        return view(found);
      },
    });

    app.delete('/teachers/:name', {
      config: { scope: 'write' },
      schema: deleteTeacher,
      handler: async (request, reply) => {
        const removed = await externalTeachers.remove(request.params.name);
        if (!removed) throw noSuchTeacher(request.params.name);
        await artifacts.remove(removed.artifact);
        return reply.code(204).send(null);
      },
    });
  };
}

const noSuchTeacher = (name: string) =>
  problem('not-found', `There is no external teacher ${JSON.stringify(name)}.`);

function view({ artifact: _, ...teacher }: StoredExternalTeacher): ExternalTeacher {
  return teacher;
}
