import { S3Client } from '@aws-sdk/client-s3';
import { type Action, explain } from './s3-errors.ts';
import { placeOf, type S3Place } from './s3-place.ts';

export interface S3Settings {
  /** `s3://bucket/prefix` */
  url: string;
  /** Address of a server other than Amazon's. */
  endpoint?: string | undefined;
  region?: string | undefined;
  /** True: the bucket is the first part of the path; false: of the host's name. */
  pathStyle: boolean;
  /** Tries of one request, 5 by default. */
  attempts?: number;
  /** Blobs that one answer lists and one request removes; 1,000 by default, and that is the most. */
  atOnce?: number;
}

export interface S3Connection extends S3Place {
  client: S3Client;
  attempts: number;
  atOnce: number;
  /** The object's key. */
  locate(key: string): string;
  /** Runs a request and puts what it throws into words. */
  asking<T>(action: Action, key: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Tries of one request: the SDK waits twice as long after each, with chance in it, and half a second where the server said that
 * it is too much.
 */
const ATTEMPTS = 5;
const AT_ONCE = 1000;
const CONNECT_MS = 2_000;
/** A connection on which nothing comes for so long is given up. */
const SILENT_MS = 30_000;
/** Servers that are not Amazon's take any region, and the SDK insists on one. */
const ANY_REGION = 'us-east-1';

/** A client for one bucket. Credentials come from where the SDK looks for them: variables, profiles, roles. */
export function connectS3({
  url,
  endpoint,
  region,
  pathStyle,
  attempts = ATTEMPTS,
  atOnce = AT_ONCE,
}: S3Settings): S3Connection {
  const { bucket, prefix } = placeOf(url);
  const client = new S3Client({
    maxAttempts: attempts,
    retryMode: 'standard',
    forcePathStyle: pathStyle,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    // Its own warnings would go to the console, past the log.
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    ...(endpoint && { endpoint, region: ANY_REGION }),
    ...(region && { region }),
  });
  return {
    bucket,
    prefix,
    client,
    attempts,
    atOnce,
    locate: (key) => `${prefix}${key}`,
    async asking(action, key, work) {
      try {
        return await work();
      } catch (error) {
        throw explain(action, key, bucket, error);
      }
    },
  };
}
