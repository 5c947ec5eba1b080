import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { sendFile } from '../rows/send-file.ts';

const exportAll = {
  operationId: 'exportAll',
  tags: ['data'],
  summary: 'Export the whole installation',
  description:
    'A tar of what an installation needs to come back: interactions, items, users, declared event types, merged guests, rules, schedules, the default model, policies and settings of models, what was deleted, and with models=true the stored versions, aliases with their history and imported teachers with their files. All of it is as of one moment. Its last member, manifest.json, has counts and hashes; a tar without it broke off. `stillhouse restore FILE` takes it into an empty installation. Records of jobs are not part of it.',
  querystring: Type.Object(
    {
      models: Type.Optional(
        Type.Boolean({
          default: false,
          description: 'Stored versions, their aliases and imported teachers too, with all their files.',
          examples: [true],
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: {
      description: 'The tar.',
      headers: ['Cache-Control', 'Vary', 'Content-Disposition', 'Content-Encoding'] as const,
      content: {
        'application/x-tar': {
          schema: { type: 'string', format: 'binary' },
          examples: { 'the first member': 'stillhouse.json' },
        },
      },
    },
  },
  problems: {
    'invalid-request': 'models must be true or false; got "yes".',
    conflict: 'models/movies/job_1 is missing; models=false leaves the models out.',
  },
};

export function exportAllRoute({ store, artifacts }: Pick<AppDeps, 'store' | 'artifacts'>) {
  return async (app: App): Promise<void> => {
    app.get('/exports/all', {
      exposeHeadRoute: false,
      config: { scope: 'admin', audited: 'whole' },
      schema: exportAll,
      handler: async (request, reply) => {
        const { models = false } = request.query;
        const { writeBackup } = await import('../../backup/write.ts');
        const tar = await writeBackup({ backup: store.backup, artifacts }, { models });
        return sendFile(request, reply, tar, { name: 'stillhouse.tar', type: 'application/x-tar' });
      },
    });
  };
}
