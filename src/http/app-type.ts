import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { RouteScope, Scope } from '../domain/keys/scope.ts';
import type { Span } from '../tracing/contract.ts';

/** Fastify with request types that follow from the TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Id of the API key that asks; undefined where none is needed. */
    keyId: string | undefined;
    /** Name of that key. */
    keyName: string | undefined;
    /** Scopes of that key; undefined where none is needed. */
    scopes: ReadonlySet<Scope> | undefined;
    /** Counted among the requests that are being worked on. */
    isWork: boolean;
    /** Its span, where traces are on. */
    span?: Span;
  }

  interface FastifyContextConfig {
    /** Scope that an API key must have. Each route must say it: there is no default that could be forgotten. */
    scope?: RouteScope | 'public';
    /** How the audit writes requests down: each for itself, or as counts by key and minute. By default each that may change something. */
    audited?: 'whole' | 'counted';
    /** The route reads its body as a stream of bytes, compressed or not. */
    rawBody?: boolean;
    /** Bodies of application/x-ndjson may be packed with gzip or zstd; the handler unpacks them. */
    packedLines?: boolean;
    /** Whatever the body is, it is read and dropped. */
    ignoresBody?: boolean;
    /** Answers without asking the database. */
    storeless?: boolean;
    /** A page for people: a browser may ask for the API key, as the password with any name. */
    asksInBrowser?: boolean;
    /** The answer has an ETag of its content, and If-None-Match is heard. */
    etag?: boolean;
    /** Logged at debug instead of info, as machines poll it all day. */
    quiet?: boolean;
  }
}
