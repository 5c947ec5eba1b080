import type { FastifyReply } from 'fastify';
import { problem } from '../core/errors.ts';

/** Aborted when the client has gone before it got the whole answer: nobody waits for the work any more. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const reason = () => problem('cancelled', 'The client went away before the answer.');
  if (raw.destroyed) gone.abort(reason());
  else raw.once('close', () => raw.writableFinished || gone.abort(reason()));
  return gone.signal;
}
