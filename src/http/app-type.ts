import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Scope } from './api-keys.ts';
import type { Content, Examples, Problems } from './docs/documentation.ts';

/** Fastify with request types that follow from the TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifySchema {
    /** Request bodies by name. */
    examples?: Examples;
    /** Failures of this route beside those of its kind. */
    problems?: Problems;
  }

  interface FastifyRequest {
    /** Which API key asks; undefined where none is needed. */
    keyId: string | undefined;
  }

  interface FastifyContextConfig {
    /** What an API key must be allowed to do. Each route must say it: there is no default that could be forgotten. */
    scope?: Scope | 'public';
    /** The body as documented, where rows are checked one by one and the validated schema is wider. */
    documentedBody?: Content;
    /** The route reads its body as a stream of bytes, compressed or not. */
    rawBody?: boolean;
    /** Whatever the body is, it is read and dropped. */
    ignoresBody?: boolean;
    /** Answers without asking the database. */
    storeless?: boolean;
    /** A page for people: a browser may ask for the API key, as the password with any name. */
    asksInBrowser?: boolean;
    /** At debug instead of info: polled by machines all day. */
    quiet?: boolean;
  }
}
