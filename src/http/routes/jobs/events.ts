import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { Page } from '../../../domain/base/page.ts';
import { FINISHED_STATES, JobEvent } from '../../../domain/jobs/job.ts';
import type { App } from '../../app-type.ts';
import { callerOf } from '../../caller.ts';
import type { AppDeps } from '../../deps.ts';
import { noContent } from '../../docs/documentation.ts';
import { DEFAULT_TIMING, eventStream } from '../../jobs/event-stream.ts';
import { findJob } from '../../jobs/find-job.ts';
import { createJobBells } from '../../jobs/job-bells.ts';
import { createSharedReads } from '../../jobs/shared-reads.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { JobParams } from '../../path-id.ts';

const SEQUENCE = '^[0-9]{1,15}$';
const EventsQuery = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({
        'x-must-be': 'a whole number: the seq of the last event you have',
        pattern: SEQUENCE,
        description: 'The seq of the last event you have; 0 for none.',
        examples: ['3'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 100,
        description: 'How many events a page may have; a stream has all.',
        examples: [100],
      }),
    ),
  },
  { additionalProperties: false },
);
const EventsHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      description: 'With text/event-stream: the id of the last event received; the rest follows.',
      examples: ['3'],
    }),
  ),
});
const EXAMPLE = { seq: 1, at: '2026-03-01T12:00:00.000Z', type: 'state', data: { state: 'queued' } };

const listJobEvents = {
  operationId: 'listJobEvents',
  tags: ['jobs'],
  summary: "Read or follow a job's events",
  description:
    'As JSON a page, oldest first. With Accept: text/event-stream a stream that replays what comes after Last-Event-ID, follows the job and ends when it is finished; 204 when nothing is left to send.',
  params: JobParams,
  querystring: EventsQuery,
  headers: EventsHeaders,
  response: {
    200: {
      description: 'Events, as a page or as a stream.',
      headers: ['Cache-Control', 'X-Accel-Buffering'],
      content: {
        'application/json': {
          schema: Page(JobEvent),
          examples: { 'the first event': { data: [EXAMPLE], nextCursor: null } },
        },
        'text/event-stream': {
          schema: { type: 'string' },
          examples: { 'the first event': `id: 1\nevent: state\ndata: ${JSON.stringify(EXAMPLE)}\n\n` },
        },
      },
    },
    204: noContent('Stream: the job is finished and you have every event; do not come back.'),
  },
  problems: {
    'invalid-request': 'Last-Event-ID must be the id of an event, a whole number; got "abc".',
    'not-found': 'There is no job "job_1".',
  },
};

export function jobEventRoutes({
  store: { jobs },
  queue,
  eventStream: timing = DEFAULT_TIMING,
  limits,
}: Pick<AppDeps, 'store' | 'queue' | 'eventStream' | 'limits'>) {
  const { eventStreams: most } = { ...DEFAULT_LIMITS, ...limits };
  return async (app: App): Promise<void> => {
    const bells = createJobBells(queue.signals, timing.pollMs);
    const reads = createSharedReads(jobs);
    const streams = new Map<string, number>();
    // A stream never ends by itself in time: without this the server would wait for it when it closes.
    app.addHook('preClose', async () => bells.close());

    app.get('/jobs/:id/events', {
      // A HEAD request would open a stream that nobody reads.
      exposeHeadRoute: false,
      config: { scope: 'read' },
      schema: listJobEvents,
      handler: async (request, reply) => {
        const { id } = request.params;
        const job = await findJob(jobs, id);
        const { cursor = '0', limit = 100 } = request.query;
        if (!wantsStream(request)) {
          const data = await jobs.events(id, Number(cursor), limit);
          return { data, nextCursor: data.length < limit ? null : String(data.at(-1)?.seq) };
        }
        const resumed = lastEventId(request.headers['last-event-id']);
        const after = resumed ?? Number(cursor);
        // A browser comes back after the end; only 204 tells it to stop.
        const finished = FINISHED_STATES.includes(job.state);
        if (finished && resumed !== null && (await jobs.events(id, after, 1)).length === 0)
          return reply.code(204).send(null);
        const release = open(callerOf(request));
        reply.raw.once('close', release);
        return stream(id, after, reply);
      },
    });

    /** @returns what counts the stream as closed @throws problem('rate-limited') */
    function open(caller: string): () => void {
      const count = (streams.get(caller) ?? 0) + 1;
      if (most > 0 && count > most) {
        throw problem(
          'rate-limited',
          `${most} streams of events are open for ${caller}, and MAX_EVENT_STREAMS allows no more; close some, or ask for pages.`,
        );
      }
      streams.set(caller, count);
      return () => {
        const left = streams.get(caller)! - 1;
        if (left === 0) streams.delete(caller);
        else streams.set(caller, left);
      };
    }

    function stream(id: string, after: number, reply: FastifyReply): FastifyReply {
      const bell = bells.listen(id);
      const body = Readable.from(eventStream({ reads, bells, timing }, id, after, bell));
      // Also when the client goes: the wait ends at once instead of at the next poll.
      body.once('close', () => bell.release());
      return reply
        .header('cache-control', 'no-cache, no-transform')
        .header('x-accel-buffering', 'no')
        .type('text/event-stream')
        .send(body);
    }
  };
}

function wantsStream(request: FastifyRequest): boolean {
  return /\btext\/event-stream\b/i.test(request.headers.accept ?? '');
}

function lastEventId(header: string | undefined): number | null {
  if (header === undefined || header === '') return null;
  if (/^\d{1,15}$/.test(header)) return Number(header);
  throw problem(
    'invalid-request',
    `Last-Event-ID must be the id of an event, a whole number; got ${JSON.stringify(header)}.`,
  );
}
