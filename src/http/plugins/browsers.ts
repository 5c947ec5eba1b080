import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { KeyRing } from '../access/key-ring.ts';
import type { App } from '../app-type.ts';
import type { Limits } from '../limits.ts';

/** Below it the headers of compression cost what it saves, and a recommendation is answered from memory. */
const COMPRESSED_FROM_BYTES = 2_048;
/** No streams of events, which would wait in the compressor, and no exports, which pack themselves. */
const COMPRESSED_TYPES =
  /^(application\/(problem\+)?json|text\/(html|css|javascript|plain)|application\/javascript|image\/svg\+xml)\b/;
const QUICK_BROTLI = 4;

/**
 * Headers for browsers, compression, and answers to pages of allowed origins: those of the setting, and those of keys that name
 * theirs.
 */
export function installBrowsers(
  app: App,
  { corsOrigins }: Limits,
  keys: Pick<KeyRing, 'allowsOrigin'> | null,
): void {
  app.register(helmet, {
    // Our pages load scripts and styles from here alone. What is no page loads nothing at all, and that is less still.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'object-src': ["'none'"],
        'base-uri': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // The proxy that has the certificate says this, or nobody.
    strictTransportSecurity: false,
    // An allowed origin reads answers across origins; the rest is CORS.
    crossOriginResourcePolicy: { policy: corsOrigins.length > 0 ? 'cross-origin' : 'same-origin' },
  });
  app.register(compress, {
    threshold: COMPRESSED_FROM_BYTES,
    encodings: ['br', 'gzip'],
    customTypes: COMPRESSED_TYPES,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: QUICK_BROTLI } },
    // Bodies are unpacked by the routes that take packed ones.
    globalDecompression: false,
  });
  // Without keys nobody elsewhere is let in.
  if (corsOrigins.length === 0 && !keys) return;
  app.register(cors, {
    // A page of another origin is answered without the headers that let it read.
    origin: async (origin: string | undefined) =>
      origin !== undefined &&
      (corsOrigins.includes(origin) || (await keys?.allowsOrigin(origin).catch(() => false)) === true),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'x-api-key',
      'content-type',
      'if-match',
      'if-none-match',
      'idempotency-key',
      'last-event-id',
      'x-request-id',
      'traceparent',
      'tracestate',
    ],
    exposedHeaders: [
      'etag',
      'location',
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
      'server-timing',
      'x-request-id',
      'x-trace-id',
    ],
    maxAge: 600,
  });
}
