import { type Static, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { EventMeaning } from '../../domain/data/event-meaning.ts';
import { completeEvent, declarationProblem, EventDeclaration } from '../../domain/data/event-type.ts';
import { InteractionType } from '../../domain/data/interaction.ts';
import type { DeclaredEvent } from '../../store/data/contract.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { takeBack } from '../plugins/take-back.ts';

const TypeParams = Type.Object({
  type: { ...InteractionType, description: 'The type of the interactions, such as dislike or 收藏.' },
});

const EventTypeView = Type.Object({
  type: InteractionType,
  ...EventMeaning.properties,
  source: Type.Enum(['declared', 'usual'], {
    description: 'declared: with PUT. usual: what a type of this name means where nobody declared it.',
  }),
  updatedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
});

const DISLIKE = {
  type: 'thumbs-down',
  ...completeEvent('thumbs-down')!,
  source: 'declared' as const,
  updatedAt: '2026-03-01T12:00:00.000Z',
};

const listEventTypes = {
  operationId: 'listEventTypes',
  tags: ['data'],
  summary: 'What types of interactions mean',
  description:
    'The declared ones, and the others that there are interactions of, by name. Types that are neither declared nor usual are not here: GET /stats lists them as unknown.',
  response: {
    200: json('The meanings.', Type.Object({ data: Type.Array(EventTypeView) }), {
      'one declared': { data: [DISLIKE] },
    }),
  },
  problems: {},
};

const getEventType = {
  operationId: 'getEventType',
  tags: ['data'],
  summary: 'What a type of interactions means',
  description: 'As it was declared, or as its name usually means; source says which.',
  params: TypeParams,
  response: { 200: json('Its meaning.', EventTypeView, { 'a dislike': DISLIKE }) },
  problems: { 'not-found': 'Nobody declared the type wave, and no type is usually called so.' },
};

const putEventType = {
  operationId: 'putEventType',
  tags: ['data'],
  summary: 'Declare what a type of interactions means',
  description:
    'Counts at once in answers of models that never saw the type, for interactions that are there already too, and in every job that starts from now on. A model keeps what it was trained with, but for `meaning: negative`: what a user dislikes by that is never shown again and speaks for nothing, in the answers of all models. What is left out follows from the name and the meaning. What GET gives is taken back.',
  params: TypeParams,
  body: EventDeclaration,
  examples: {
    'a dislike': { meaning: 'negative' },
    'half stars': { scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 4 } },
    'minutes watched': { meaning: 'positive', value: { as: 'log1p' }, repeats: 'sum' },
  },
  response: { 200: json('What it means now.', EventTypeView, { 'a dislike': DISLIKE }) },
  problems: {
    'invalid-request':
      'scale.likedFrom is missing: value.as threshold needs the value from which on it is liking.',
  },
};

const deleteEventType = {
  operationId: 'deleteEventType',
  tags: ['data'],
  summary: 'Take a declaration back',
  description: 'The type means again what is usual for its name, or does not count. Its interactions stay.',
  params: TypeParams,
  response: { 204: { description: 'Taken back.' } },
  problems: { 'not-found': 'The type wave is not declared.' },
};

export function eventTypeRoutes({ store }: Pick<AppDeps, 'store'>) {
  const { eventTypes } = store;
  return async (app: App): Promise<void> => {
    app.get('/event-types', {
      config: { scope: 'read' },
      schema: listEventTypes,
      handler: async () => {
        const declared = (await eventTypes.list()).map(viewDeclared);
        const isDeclared = new Set(declared.map(({ type }) => type));
        const there = await store.interactions.types();
        const usual = there.flatMap((type) => (isDeclared.has(type) ? [] : (viewUsual(type) ?? [])));
        return { data: [...declared, ...usual].sort((a, b) => (a.type < b.type ? -1 : 1)) };
      },
    });

    app.get('/event-types/:type', {
      config: { scope: 'read' },
      schema: getEventType,
      handler: async ({ params: { type } }) => {
        const found = (await eventTypes.list()).find((declared) => declared.type === type);
        const view = found ? viewDeclared(found) : viewUsual(type);
        if (view) return view;
        throw problem(
          'not-found',
          `Nobody declared the type ${type}, and no type is usually called so; its interactions are stored and do not count.`,
        );
      },
    });

    app.put('/event-types/:type', {
      config: { scope: 'admin' },
      schema: putEventType,
      preValidation: takeBack(['source', 'updatedAt'], 'type'),
      handler: async ({ params: { type }, body }) => {
        const wrong = declarationProblem(type, body);
        if (wrong !== null) throw problem('invalid-request', `${wrong}.`);
        return viewDeclared(await eventTypes.put(type, completeEvent(type, body)!));
      },
    });

    app.delete('/event-types/:type', {
      config: { scope: 'admin' },
      schema: deleteEventType,
      handler: async ({ params: { type } }, reply) => {
        if (!(await eventTypes.remove(type))) throw problem('not-found', `The type ${type} is not declared.`);
        return reply.code(204).send();
      },
    });
  };
}

type View = Static<typeof EventTypeView>;

function viewDeclared({ type, meaning, updatedAt }: DeclaredEvent): View {
  return { type, ...meaning, source: 'declared', updatedAt: new Date(updatedAt).toISOString() };
}

function viewUsual(type: string): View | null {
  const meaning = completeEvent(type);
  return meaning && { type, ...meaning, source: 'usual', updatedAt: null };
}
