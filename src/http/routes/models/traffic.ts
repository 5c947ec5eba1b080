import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { RegisteredVersion } from '../../../domain/answers/model.ts';
import {
  CONTROL,
  completeTest,
  NewTraffic,
  TrafficView,
  trafficProblem,
} from '../../../domain/traffic/traffic.ts';
import type { LiveTraffic } from '../../../serving/models/follow-traffic.ts';
import { kindOfArtifact } from '../../../serving/models/kinds.ts';
import type { ModelStore } from '../../../store/registry/contract.ts';
import type { StoredTraffic, TrafficToSet } from '../../../store/registry/traffic-contract.ts';
import type { App } from '../../app-type.ts';
import { checkTags } from '../../check-tags.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { TRAFFIC } from '../../docs/traffic-example.ts';
import { ModelParams } from '../../path-id.ts';
import { Conditions, Reason, requireReason } from './alias-view.ts';

const answer = { 200: json('The traffic.', TrafficView, { 'a tenth for the candidate': TRAFFIC }, ['ETag']) };
const none = 'The model "movies" has no traffic; stable answers everybody.';

const getTraffic = {
  operationId: 'getTraffic',
  tags: ['models'],
  summary: 'Read which share of the users which version answers',
  description:
    'With the versions as this process serves them, and how it ended where it did. The ETag is for If-Match of the next PUT.',
  params: ModelParams,
  response: answer,
  problems: { 'not-found': none },
};

const putTraffic = {
  operationId: 'putTraffic',
  tags: ['models'],
  summary: 'Give a share of the users to another version',
  description:
    'Who gets which variant follows from a hash of the user and the experiment: the same after a restart and in every process, and a share that grows keeps its users. With `test` the variants are compared, and it ends by itself: see GET /models/{name}/online. With `shadow` a version runs along that nobody sees. It needs a reason for a version that its gate has refused. Counting begins anew with each PUT, and when stable moves.',
  params: ModelParams,
  headers: Conditions,
  body: Type.Object(
    { ...NewTraffic.properties, reason: Type.Optional(Reason) },
    { additionalProperties: false },
  ),
  examples: {
    'a tenth for the candidate': {
      shares: { stable: 90, candidate: 10 },
      test: { metric: 'click-through', endAfter: { users: 20_000, days: 14 } },
    },
    'a shadow': { shares: { stable: 100 }, shadow: { version: 'candidate', sample: 0.1 } },
  },
  response: answer,
  problems: {
    'invalid-request': 'shares must add up to 100; stable + candidate is 110.',
    'not-found': 'The model "movies" has no alias "candidate".',
    'precondition-failed': 'The traffic is not what If-Match says; read it again.',
  },
};

const deleteTraffic = {
  operationId: 'deleteTraffic',
  tags: ['models'],
  summary: 'Give all users back to stable',
  description: 'What was counted of the users of the experiment is forgotten.',
  params: ModelParams,
  headers: Conditions,
  response: { 204: noContent('Stable answers everybody.') },
  problems: {
    'not-found': none,
    'precondition-failed': 'The traffic is not what If-Match says; read it again.',
  },
};

type Deps = Pick<AppDeps, 'store' | 'queue' | 'models' | 'artifacts'>;

export function trafficRoutes({ store, queue, models: live, artifacts }: Deps) {
  async function prepare(
    model: string,
    body: NewTraffic & { reason?: string },
    scopes: FastifyRequest['scopes'],
  ): Promise<TrafficToSet> {
    const versionOf = (name: string) => findVersion(store.models, model, name);
    const stable = await versionOf(CONTROL);
    const names = Object.keys(body.shares).filter((name) => name !== CONTROL);
    const found = await Promise.all(names.map(versionOf));
    const shadow = body.shadow && (await versionOf(String(body.shadow.version)));
    found.forEach((version, i) => {
      refuseSame(names[i]!, version, [stable, ...found.slice(0, i)]);
      requireReason(version, CONTROL, 'answer a share of the users', body.reason, scopes);
    });
    if (shadow) refuseSame('shadow.version', shadow, [stable]);
    for (const version of [stable, ...found]) await refuseLabels(artifacts, version);
    const reason = body.reason?.trim();
    return {
      shares: body.shares,
      ...(body.experiment !== undefined && { experiment: body.experiment }),
      variants: names.map((name, i) => ({ name, version: found[i]!.version })),
      test: body.test ? completeTest(body.test) : null,
      shadow: shadow ? { version: shadow.version, sample: body.shadow!.sample } : null,
      ...(reason !== undefined && { reason }),
    };
  }

  return async (app: App): Promise<void> => {
    app.get('/models/:name/traffic', {
      config: { scope: 'read' },
      schema: getTraffic,
      handler: async ({ params: { name } }, reply) => {
        const found = await store.traffic.get(name);
        if (!found) throw noTraffic(name);
        reply.header('etag', tagOf(found));
        return viewTraffic(found, live.traffic(name));
      },
    });

    app.put('/models/:name/traffic', {
      config: { scope: 'admin' },
      schema: putTraffic,
      handler: async (request, reply) => {
        const { name } = request.params;
        const wrong = trafficProblem(request.body);
        if (wrong !== null) throw problem('invalid-request', `${wrong}.`);
        if ((await store.models.versions(name)).length === 0) {
          throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
        }
        const traffic = await prepare(name, request.body, request.scopes);
        const before = await store.traffic.get(name);
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        checkTags('The traffic', before && tagOf(before), ifMatch, ifNoneMatch);
        const isConditional = ifMatch !== undefined || ifNoneMatch !== undefined;
        const expected = isConditional ? (before?.updatedAt ?? null) : undefined;
        const stored = await store.traffic.put(name, traffic, expected, request.keyId);
        if (!stored) throw changed();
        await queue.signals.publish({ kind: 'models' });
        reply.header('etag', tagOf(stored));
        return viewTraffic(stored, live.traffic(name));
      },
    });

    app.delete('/models/:name/traffic', {
      config: { scope: 'admin' },
      schema: deleteTraffic,
      handler: async (request, reply) => {
        const { name } = request.params;
        const before = await store.traffic.get(name);
        if (!before) throw noTraffic(name);
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        checkTags('The traffic', tagOf(before), ifMatch, ifNoneMatch);
        if (!(await store.traffic.remove(name, before.updatedAt))) throw changed();
        await queue.signals.publish({ kind: 'models' });
        return reply.code(204).send(null);
      },
    });
  };
}

const tagOf = ({ updatedAt }: StoredTraffic) => `"${updatedAt}"`;
const changed = () =>
  problem('precondition-failed', 'The traffic was changed at the same time; read it again.');
const noTraffic = (name: string) =>
  problem('not-found', `The model ${JSON.stringify(name)} has no traffic; stable answers everybody.`);

async function findVersion(
  models: Pick<ModelStore, 'get' | 'resolve'>,
  model: string,
  name: string,
): Promise<RegisteredVersion> {
  const isNumber = /^\d+$/.test(name);
  const found = isNumber ? await models.get(model, Number(name)) : await models.resolve(model, name);
  if (found) return found;
  const what = isNumber ? `version ${name}` : `alias ${JSON.stringify(name)}`;
  throw problem('not-found', `The model ${JSON.stringify(model)} has no ${what}.`);
}

function refuseSame(name: string, { version }: RegisteredVersion, others: readonly RegisteredVersion[]) {
  if (!others.some((other) => other.version === version)) return;
  throw problem(
    'invalid-request',
    `${name} is version ${version}, which is in the traffic already: a version is compared with another one.`,
  );
}

/** A file that cannot be read now is no reason: whoever loads the version says so, and stable answers in its place. */
async function refuseLabels(artifacts: Deps['artifacts'], { artifact, version }: RegisteredVersion) {
  if ((await kindOfArtifact(artifacts, artifact).catch(() => 'items')) === 'items') return;
  throw problem(
    'invalid-request',
    `version ${version} predicts labels; traffic is for models that recommend items.`,
  );
}

function viewTraffic(traffic: StoredTraffic, live: LiveTraffic | undefined): TrafficView {
  const { slots: _, epoch: __, updatedAt, variants, ...shown } = traffic;
  const isHere = live?.traffic.updatedAt === updatedAt;
  return {
    ...shown,
    variants: variants.map((variant) => {
      const arm = isHere ? live.arms.get(variant.name) : undefined;
      if (traffic.state === 'ended') return variant;
      const { state, reason } = arm ?? { state: 'loading' as const, reason: undefined };
      return { ...variant, serving: { state, ...(reason !== undefined && { reason }) } };
    }),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
