import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { AliasName } from '../../../domain/base/alias-name.ts';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import { DEFAULT_ALIAS } from '../../../domain/jobs/distillation-spec.ts';
import type { ModelStore } from '../../../store/registry/contract.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { ModelParams } from '../../path-id.ts';
import { AliasView } from '../../views.ts';
import { AliasParams, Conditions, checkPreconditions, etagOf, Reason, viewAlias } from './alias-view.ts';

const orNull = (schema: ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>) =>
  Type.Union([schema, Type.Null()]);

const AliasMove = Type.Object({
  seq: Type.Integer({ description: 'Counted from 1 per alias.' }),
  at: Type.String({ format: 'date-time' }),
  version: orNull(Type.Integer({ description: 'Null where the alias was removed.' })),
  action: Type.Enum(['published', 'set', 'rolled-back', 'removed', 'promoted', 'kept'], {
    description:
      'published: by a job. set: by PUT of the alias. promoted: by an experiment that a variant has won. kept: an experiment ended, and the alias stayed; reason says why.',
  }),
  keyId: orNull(Type.String({ description: 'The API key that asked for it, or for the job.' })),
  jobId: orNull(Type.String()),
  reason: orNull(Type.String()),
});

const MOVES = [
  {
    seq: 2,
    at: '2026-03-02T09:00:00.000Z',
    version: 3,
    action: 'rolled-back',
    keyId: '9f86d081884c',
    jobId: null,
    reason: 'version 4 shows sold-out films',
  },
  {
    seq: 1,
    at: '2026-03-01T12:00:30.000Z',
    version: 4,
    action: 'published',
    keyId: null,
    jobId: 'job_01kq3v5yqk8r7m2d9xw4t6b1ce',
    reason: null,
  },
];

const aliasHistory = {
  operationId: 'getAliasHistory',
  tags: ['models'],
  summary: 'Read where an alias has pointed',
  description:
    'Every move with who asked for it, when and why, the newest first. It stays when the alias is removed.',
  params: AliasParams,
  querystring: PageQuery,
  response: {
    200: json('A page of moves.', Page(AliasMove), { 'a rollback': { data: MOVES, nextCursor: null } }),
  },
  problems: {
    'invalid-request': 'cursor must be the nextCursor of the page before; got "x".',
    'not-found': 'The model "movies" has never had an alias "trial".',
  },
};

const rollback = {
  operationId: 'rollBack',
  tags: ['models'],
  summary: 'Go back to the version before',
  description:
    'Points the alias at the version that it had before, by its history, as far as that is still there. Twice in a row goes back twice. An alias that was removed is put back with PUT: the 404 names the version that it had.',
  params: ModelParams,
  headers: Conditions,
  body: Type.Object(
    {
      alias: Type.Optional(Type.Unsafe<string>({ ...AliasName, description: 'Default stable.' })),
      reason: Reason,
    },
    { additionalProperties: false },
  ),
  examples: { 'to the version before': { reason: 'version 4 shows sold-out films' } },
  response: {
    200: json(
      'The alias as it is now.',
      AliasView,
      {
        'the version before': {
          model: 'movies',
          alias: 'stable',
          version: 3,
          updatedAt: '2026-03-02T09:00:00.000Z',
        },
      },
      ['ETag'],
    ),
  },
  problems: {
    'invalid-request':
      'reason is missing; it must be text of 3-500 characters, blanks around it not counted.',
    'not-found': 'The model "movies" has no alias "trial".',
    conflict: 'The alias "stable" of movies has had no version before 3 that is still there.',
    'precondition-failed': 'The alias was changed since it was read; read it again.',
  },
};

export function rollbackRoutes({ store: { models }, queue }: Pick<AppDeps, 'store' | 'queue'>) {
  return async (app: App): Promise<void> => {
    app.get('/models/:name/aliases/:alias/history', {
      config: { scope: 'read' },
      schema: aliasHistory,
      handler: async ({ params: { name, alias }, query: { limit = 50, cursor } }) => {
        const moves = await models.history(
          name,
          alias,
          limit + 1,
          cursor === undefined ? undefined : seqOf(cursor),
        );
        if (moves.length === 0 && cursor === undefined) {
          throw problem(
            'not-found',
            `The model ${JSON.stringify(name)} has never had an alias ${JSON.stringify(alias)}.`,
          );
        }
        const data = moves.slice(0, limit);
        return { data, nextCursor: moves.length > limit ? String(data.at(-1)!.seq) : null };
      },
    });

    app.post('/models/:name/rollback', {
      config: { scope: 'publish' },
      schema: rollback,
      handler: async (request, reply) => {
        const { name } = request.params;
        const { alias = DEFAULT_ALIAS, reason } = request.body;
        const current = await models.alias(name, alias);
        if (!current) throw await noAlias(models, name, alias);
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        checkPreconditions(current, ifMatch, ifNoneMatch);
        const [before] = await models.before(name, alias);
        if (!before) {
          throw problem(
            'conflict',
            `The alias ${JSON.stringify(alias)} of ${name} has had no version before ${current.version} that is still there.`,
          );
        }
        const by = { action: 'rolled-back' as const, keyId: request.keyId, reason: reason.trim() };
        // Two that roll back at once mean the same step back: only one of them takes it.
        if (!(await models.setAlias(name, alias, before.version, current, by))) {
          throw problem('precondition-failed', 'The alias was changed at the same time; read it again.');
        }
        await queue.signals.publish({ kind: 'models' });
        const after = (await models.alias(name, alias))!;
        reply.header('etag', etagOf(after));
        return viewAlias(name, alias, after);
      },
    });
  };
}

/** An alias that was removed is put back by hand, under the version that it had. */
async function noAlias(models: Pick<ModelStore, 'history' | 'get'>, name: string, alias: string) {
  const [removed, before] = await models.history(name, alias, 2);
  const version = removed?.action === 'removed' ? (before?.version ?? null) : null;
  const isThere = version !== null && (await models.get(name, version)) !== null;
  const had = isThere
    ? ` It was removed, and had version ${version}: put it back with PUT /models/${name}/aliases/${alias} {"version": ${version}}.`
    : '';
  return problem(
    'not-found',
    `The model ${JSON.stringify(name)} has no alias ${JSON.stringify(alias)}.${had}`,
    isThere ? { version } : {},
  );
}

function seqOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw problem(
    'invalid-request',
    `cursor must be the nextCursor of the page before; got ${JSON.stringify(cursor)}.`,
  );
}
