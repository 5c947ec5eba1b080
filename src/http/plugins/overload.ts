import underPressure from '@fastify/under-pressure';
import type { FastifyRequest } from 'fastify';
import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import type { Limits } from '../limits.ts';

/** Whoever watches the service has to be answered when nobody else is. */
const isWatching = ({ routeOptions }: FastifyRequest) => routeOptions.config?.quiet === true;

/**
 * Answers 503 with Retry-After while the process works on more requests than it may, or cannot keep up: a queue that
 * grows would make every answer late. Health and metrics are answered all the same.
 */
export function installOverload(app: App, { inFlight, loopDelayMs }: Limits): void {
  if (inFlight > 0) boundInFlight(app, inFlight);
  if (loopDelayMs === 0) return;
  app.register(underPressure, {
    maxEventLoopDelay: loopDelayMs,
    pressureHandler: (request) => {
      if (isWatching(request)) return;
      throw problem(
        'overloaded',
        `The event loop is more than ${loopDelayMs} ms late (MAX_EVENT_LOOP_DELAY_MS); try again in a moment.`,
      );
    },
  });
}

/** Counts from when the body is there to when the answer begins: what waits for the other side takes no work. */
function boundInFlight(app: App, most: number): void {
  let working = 0;
  app.decorateRequest('isWork', false);
  // Not async: a promise for each request would cost more than the count.
  app.addHook('preHandler', (request, reply, done) => {
    if (isWatching(request)) return done();
    if (working >= most) {
      return done(
        problem(
          'overloaded',
          `${most} requests are being worked on, and MAX_REQUESTS_IN_FLIGHT allows no more; try again in a moment.`,
        ),
      );
    }
    working++;
    request.isWork = true;
    // For answers that pass by the hooks, such as the page about the queue.
    reply.raw.once('close', () => reply.sent && end(request));
    done();
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    end(request);
    done(null, payload);
  });

  function end(request: FastifyRequest): void {
    if (!request.isWork) return;
    request.isWork = false;
    working--;
  }
}
