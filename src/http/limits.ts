import type { Config } from '../core/config.ts';

/** Bounds of what callers may take, with 0 or undefined for none. See the settings of the same meaning. */
export interface Limits {
  /** Proxies whose forwarded addresses are believed. */
  trustProxy: readonly string[];
  corsOrigins: readonly string[];
  ratePerMinute: number | undefined;
  wrongKeysPerMinute: number;
  places: number;
  inFlight: number;
  loopDelayMs: number;
  connections: number;
  connectionsPerAddress: number;
  eventStreams: number;
  headersMs: number;
  idleMs: number;
  bodyBytesPerSecond: number;
  /** Time for which a body may come as slowly as it likes. */
  bodyGraceMs: number;
  bodyMs: number;
  answerMs: number;
  uploadBytes: number;
  uploadsBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  trustProxy: [],
  corsOrigins: [],
  ratePerMinute: undefined,
  wrongKeysPerMinute: 30,
  places: 250_000,
  inFlight: 500,
  loopDelayMs: 5_000,
  connections: 10_000,
  connectionsPerAddress: 2_000,
  eventStreams: 1_000,
  headersMs: 20_000,
  idleMs: 72_000,
  bodyBytesPerSecond: 1_000,
  bodyGraceMs: 10_000,
  bodyMs: 21_600_000,
  answerMs: 21_600_000,
  uploadBytes: 16_384 * 2 ** 20,
  uploadsBytes: 65_536 * 2 ** 20,
};

export function limitsOf(config: Config): Limits {
  return {
    trustProxy: config.trustProxy,
    corsOrigins: config.corsOrigins,
    ratePerMinute: config.rateLimitPerMinute,
    wrongKeysPerMinute: config.wrongKeysPerMinute,
    places: config.maxRequestPlaces,
    inFlight: config.maxRequestsInFlight,
    loopDelayMs: config.maxEventLoopDelayMs,
    connections: config.maxConnections,
    connectionsPerAddress: config.maxConnectionsPerAddress,
    eventStreams: config.maxEventStreams,
    headersMs: config.headersSeconds * 1000,
    idleMs: config.idleSeconds * 1000,
    bodyBytesPerSecond: config.minBodyBytesPerSecond,
    bodyGraceMs: DEFAULT_LIMITS.bodyGraceMs,
    bodyMs: config.maxBodySeconds * 1000,
    answerMs: config.maxAnswerSeconds * 1000,
    uploadBytes: config.maxUploadMib * 2 ** 20,
    uploadsBytes: config.maxUploadsMib * 2 ** 20,
  };
}
