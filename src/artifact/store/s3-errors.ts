import { AppError, problem } from '../../core/errors.ts';
import { notFound } from './not-found.ts';

export type Action = 'read' | 'written' | 'removed';

/** Reasons by the name or code of an error of the SDK, of the server or of the network. */
const REASONS: Record<string, string> = {
  NoSuchBucket: 'there is no such bucket',
  AccessDenied: 'the store refuses these credentials',
  Forbidden: 'the store refuses these credentials',
  InvalidAccessKeyId: 'the store does not know these credentials',
  SignatureDoesNotMatch: 'the store refuses these credentials',
  ExpiredToken: 'the credentials have expired',
  CredentialsProviderError: 'there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  PermanentRedirect: 'the bucket is in another region; set ARTIFACTS_S3_REGION',
  AuthorizationHeaderMalformed: 'the bucket is in another region; set ARTIFACTS_S3_REGION',
  SlowDown: 'the store asks to slow down',
  InternalError: 'the store failed',
  ServiceUnavailable: 'the store is not available',
  QuotaExceeded: 'the space is used up',
  XMinioStorageFull: 'the space is used up',
  ECONNREFUSED: 'nobody listens at the address',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'its address is not known',
  EAI_AGAIN: 'its address cannot be looked up',
  TimeoutError: 'it does not answer',
  AbortError: 'it does not answer',
};

/**
 * Names of a 404 that is about the key; a bucket or an account that is not there is a 404 too. The answer to HEAD has no body and
 * so no name, for which the SDK puts in one of its own.
 */
const ABSENT = new Set(['NoSuchKey', 'NotFound', 'Unknown', 'UnknownError']);

/** Names and codes are passed on; the server's own text is not, since it may hold what identifies an account. */
const CODE = /^[A-Za-z][A-Za-z0-9_.]{0,60}$/;

interface ServiceError {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/**
 * Puts what the SDK throws into one sentence that names the key, the bucket and the reason, and no credentials.
 * @returns problem('not-found') where a blob is read that is not there, otherwise problem('store-unavailable')
 */
export function explain(action: Action, key: string, bucket: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { name = '', code = '', message = '', $metadata } = (error ?? {}) as ServiceError;
  const status = $metadata?.httpStatusCode;
  if (action === 'read' && status === 404 && ABSENT.has(name)) return notFound(key);
  const known = [code, name].find((text) => text in REASONS);
  const said =
    known ?? [code, name].find((text) => CODE.test(text) && text !== 'Error' && text !== 'Unknown');
  const reason = /region is missing/i.test(message)
    ? 'no region is set; set ARTIFACTS_S3_REGION'
    : known
      ? REASONS[known]!
      : 'the request failed';
  const detail = [said, status !== undefined && `status ${status}`].filter(Boolean).join(', ');
  // Without the cause: errors of the SDK carry the request, and with it who signed it.
  return problem(
    'store-unavailable',
    `artifact ${key} cannot be ${action} in bucket ${bucket}: ${reason}${detail && ` (${detail})`}`,
  );
}
