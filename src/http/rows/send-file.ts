import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyBaseLogger, FastifyReply } from 'fastify';

interface Asked {
  headers: IncomingHttpHeaders;
  log: FastifyBaseLogger;
}

/** Sends a file of any size, with gzip for who accepts that; one that breaks off closes the connection. */
export function sendFile(
  { headers, log }: Asked,
  reply: FastifyReply,
  file: Readable,
  { name, type }: { name: string; type: string },
): FastifyReply {
  file.once('error', (error) => log.error({ err: error, file: name }, 'an export broke off'));
  reply
    .header('cache-control', 'private, no-store')
    .header('vary', 'accept-encoding')
    .header('content-disposition', `attachment; filename="${name}"`)
    .type(type);
  if (!acceptsGzip(String(headers['accept-encoding'] ?? '').toLowerCase())) return reply.send(file);
  const compressed = createGzip();
  file.once('error', (error) => compressed.destroy(error));
  compressed.once('close', () => file.destroy());
  return reply.header('content-encoding', 'gzip').send(file.pipe(compressed));
}

function acceptsGzip(accepted: string): boolean {
  return accepted.split(',').some((part) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(part));
}
