import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import type { Answered } from '../counts.ts';
import { json } from '../docs/documentation.ts';

const AnsweredView = Type.Object({
  model: Type.Union([Type.String(), Type.Null()], { description: 'null: no model answered.' }),
  version: Type.Union([Type.Integer(), Type.Null()]),
  source: Type.String({ description: 'Where the items came from.', examples: ['student', 'popularity'] }),
  reason: Type.Union([Type.String(), Type.Null()], {
    description: 'reasonCode of the answers; null where all of them is what was asked for.',
  }),
  count: Type.Integer({ description: 'Lists of recommendations.' }),
});

/** @param answered reads the counts */
export function answerRoutes(answered: () => Promise<Answered[]>) {
  return async (app: App): Promise<void> => {
    app.get('/answers', {
      config: { scope: 'read' },
      schema: {
        operationId: 'countAnswers',
        tags: ['operations'],
        summary: 'What was answered, by source',
        description:
          'Lists of recommendations by model, version, source and reason since this api process was started. Where several api processes share the traffic each counts its own; GET /metrics of all of them, added up, is the whole.',
        response: {
          200: json(
            'The counts, the largest first.',
            Type.Object({ since: Type.String({ format: 'date-time' }), data: Type.Array(AnsweredView) }),
            {
              'a day': {
                since: '2026-03-01T12:00:00.000Z',
                data: [
                  { model: 'movies', version: 4, source: 'student', reason: null, count: 120_400 },
                  { model: 'movies', version: 4, source: 'popularity', reason: 'unknown-user', count: 310 },
                ],
              },
            },
          ),
        },
        problems: {},
      },
      handler: async () => ({
        since: new Date(performance.timeOrigin).toISOString(),
        data: (await answered()).map(viewAnswered).sort((a, b) => b.count - a.count),
      }),
    });
  };
}

function viewAnswered({ model, version, source, reason, count }: Answered) {
  return {
    model: model === '' ? null : model,
    version: version === '' ? null : Number(version),
    source,
    reason: reason === '' ? null : reason,
    count,
  };
}
